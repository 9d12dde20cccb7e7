<?php
// Settings of the sites: WORDPRESS_NUMBER says which of them it is, WORDPRESS_FOLDER where the database lies.

$number = (int) getenv('WORDPRESS_NUMBER');
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:' . getenv('WORDPRESS_FOLDER') . '/database/socket');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
$table_prefix = "site{$number}_";

// Nothing is asked of other hosts, nothing is mailed or done later on, nothing is updated.
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_ALLOW_MULTISITE', false);
define('WP_CONTENT_DIR', __DIR__ . '/wp-content');
define('UPLOADS', "wp-content/uploads$number");
foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY'] as $name) {
    define($name, 'a key of a site that holds no secret');
    define(str_replace('KEY', 'SALT', $name), 'a salt of a site that holds no secret');
}
if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
if ($number === 2) { // as plugins do that shut the interface to who has not logged in
    add_filter('rest_authentication_errors', fn ($error) => $error ?? new WP_Error(
        'rest_not_logged_in', 'You are not currently logged in.', ['status' => 401]));
}
