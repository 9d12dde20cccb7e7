<?php
// Changes a site: php change.php NUMBER add TITLE, or update or delete and a post's ID. Prints its ID and its address.

[, $number, $what, $which] = $argv;
putenv("WORDPRESS_NUMBER=$number");
$_SERVER['HTTP_HOST'] = $_SERVER['SERVER_NAME'] = '127.0.0.1';
$_SERVER['REQUEST_URI'] = '/';
require getenv('WORDPRESS_FOLDER') . '/site/wp-load.php';
require __DIR__ . '/words.php';

$words = new Words(crc32("$what $which " . microtime()));
if ($what === 'add') {
    $which = wp_insert_post(['post_title' => $which, 'post_status' => 'publish', 'post_author' => 2,
        'post_content' => implode("\n\n", $words->paragraphs(4))]);
}
echo $which, ' ', get_permalink($which), "\n";
if ($what === 'update') {
    $text = get_post($which)->post_content . "\n\nCorrection: {$words->sentence()}";
    wp_update_post(wp_slash(['ID' => $which, 'post_content' => $text]));
} elseif ($what === 'delete') {
    wp_trash_post($which);
}
