<?php
// Makes one of the sites: php install.php NUMBER PORT. Writes its posts, as they must be found, to truthNUMBER.json.

[, $number, $port] = $argv;
putenv("WORDPRESS_NUMBER=$number");
$_SERVER['HTTP_HOST'] = "127.0.0.1:$port";
$_SERVER['SERVER_NAME'] = '127.0.0.1';
$_SERVER['REQUEST_URI'] = '/';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
define('WP_INSTALLING', true);
define('WP_SITEURL', "http://127.0.0.1:$port");
function wp_mail(): bool
{
    return true;
}
require getcwd() . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
require __DIR__ . '/words.php';
require __DIR__ . '/posts.php';

// Which of the sites has what: address of a post, theme, and whether the REST interface is only for who logs in.
const SITES = [
    ['permalinks' => '/%year%/%monthnum%/%postname%/', 'theme' => 'twentytwentyone', 'excerpts' => 0,
        'title' => 'Harbour Courier'],
    ['permalinks' => '', 'theme' => 'twentytwentythree', 'excerpts' => 1, 'title' => 'The Mill Lane Gazette'],
    ['permalinks' => '/%postname%/', 'theme' => 'twentytwentytwo', 'excerpts' => 1, 'title' => 'North Quay News'],
    // This one is changed by tests.
    ['permalinks' => '/archives/%post_id%', 'theme' => 'twentytwentyone', 'excerpts' => 0, 'title' => 'Tide and Time'],
];
$site = SITES[$number];

wp_install($site['title'], 'editor', 'editor@example.org', true, '', 'a password of no use');
foreach (get_posts(['post_type' => ['post', 'page'], 'post_status' => 'any', 'numberposts' => -1]) as $sample) {
    wp_delete_post($sample->ID, true);
}
update_option('timezone_string', 'Europe/Athens');
update_option('rss_use_excerpt', $site['excerpts']);
update_option('blogdescription', 'News of a town that is on no map');
update_option('page_comments', 1);
update_option('comments_per_page', 5);
update_option('default_comments_page', 'oldest');
global $wp_rewrite;
$wp_rewrite->set_permalink_structure($site['permalinks']);
switch_theme($site['theme']);

$authors = [];
$names = ['calder' => 'Ines Calder', 'field' => 'Jonas Field', 'okoye' => 'Adaeze Okoye-Lindström'];
foreach ($names as $login => $name) {
    $authors[] = wp_insert_user(['user_login' => $login, 'user_pass' => 'of no use', 'role' => 'author',
        'user_email' => "$login@example.org", 'display_name' => $name,
        'description' => "$name has written for the paper for years."]);
}
$categories = array_map(fn ($name) => wp_create_category($name), ['Harbour', 'Council', 'Schools', 'Sport and play']);
$pictures = [];
foreach (['Cranes at dusk', 'The ferry leaves', 'Market day in the rain'] as $place => $caption) {
    $folder = wp_upload_dir('2025/01');
    $file = "$folder[path]/picture-$place.jpg";
    $image = imagecreatetruecolor(1200, 800);
    imagefill($image, 0, 0, imagecolorallocate($image, 60 * $place, 90, 160));
    imagejpeg($image, $file, 60);
    $id = wp_insert_attachment(['post_title' => "picture-$place", 'post_excerpt' => "$caption. Photo: Tomas Reyes",
        'post_mime_type' => 'image/jpeg', 'post_status' => 'inherit', 'post_date' => '2025-01-02 08:00:00'], $file);
    wp_update_attachment_metadata($id, wp_generate_attachment_metadata($id, $file));
    $pictures[] = $id;
}

function insert(array $post): int
{
    $id = wp_insert_post(wp_slash($post), true);
    if (is_wp_error($id)) {
        fwrite(STDERR, $id->get_error_message() . "\n");
        exit(1);
    }
    return $id;
}

$others = ['Ειδήσεις από τη γέφυρα' => GREEK, 'Библиотека снова открыта' => RUSSIAN,
    '港の灯台、四十年ぶりの塗り替え' => JAPANESE];
$truth = [];
for ($index = 0; $index < 60; ++$index) {
    $words = new Words(1000 * $number + $index);
    $made = post_content($index, $words, $pictures);
    $title = post_title($index, $words);
    if ($index >= 57) {
        $title = array_keys($others)[$index - 57];
        $made = ['content' => blocks($others[$title]), 'text' => $others[$title], 'captions' => []];
    }
    $day = sprintf('2025-%02d-%02d', intdiv($index, 5) + 1, 1 + ($index % 5) * 6);
    $post = ['post_title' => $title, 'post_content' => $made['content'], 'post_status' => 'publish',
        'post_author' => $authors[$index % 3], 'post_date' => sprintf('%s %02d:%02d:09', $day, $index % 24, $index % 60),
        'post_category' => [$categories[$index % 4]],
        'tags_input' => ['ferry', "topic $index", $index % 2 ? 'bridges' : 'lamps']];
    if ($index % 20 === 10) {
        $post['post_excerpt'] = 'In short: ' . $words->sentence();
    }
    $id = insert($post);
    if ($index % 20 === 15) { // a picture above the post
        set_post_thumbnail($id, $pictures[0]);
        // The themes made of blocks show it without its caption.
        $made['captions'] = wp_is_block_theme() ? [] : [wp_get_attachment_caption($pictures[0])];
    }
    if ($index === 30) { // its address was another one
        wp_update_post(['ID' => $id, 'post_name' => 'the-address-it-has-now']);
    }
    if ($index % 7 === 3) {
        for ($comment = 0; $comment < 2 + $index % 12; ++$comment) {
            $above = wp_insert_comment(['comment_post_ID' => $id, 'comment_author' => "Reader $comment",
                'comment_content' => 'As a reader I think: ' . $words->paragraph(), 'comment_approved' => 1,
                'comment_date' => "$day 23:10:00", 'comment_parent' => $comment % 3 === 1 ? $above : 0]);
        }
    }
    $truth[$id] = ['index' => $index, 'text' => $made['text'], 'captions' => $made['captions'],
        'author' => get_the_author_meta('display_name', $authors[$index % 3])];
}
stick_post(array_key_first($truth));
$words = new Words(7000 + $number);
$hidden = ['post_author' => $authors[0], 'post_category' => [$categories[0]]];
$unseen = [];
$titles = ['draft' => 'A draft', 'private' => 'A private note', 'pending' => 'A text to be read over',
    'trash' => 'A text thrown away'];
foreach ($titles as $status => $title) {
    $unseen[$status] = insert($hidden + ['post_title' => $title, 'post_status' => $status,
        'post_date' => '2025-12-30 10:00:00', 'post_content' => blocks($words->paragraphs(4))]);
}
$unseen['future'] = insert($hidden + ['post_title' => 'A text of the next century', 'post_status' => 'future',
    'post_date' => '2101-01-01 10:00:00', 'post_content' => blocks($words->paragraphs(4))]);
$unseen['password'] = insert($hidden + ['post_title' => 'For members only', 'post_status' => 'publish',
    'post_date' => '2025-12-20 10:00:00', 'post_password' => 'of no use', 'post_content' => blocks($words->paragraphs(4))]);
$pages = [];
foreach (['About us' => 3, 'Contact' => 1, 'How to send a letter to the editor of the paper' => 4] as $title => $count) {
    $pages[] = insert(['post_title' => $title, 'post_type' => 'page', 'post_status' => 'publish', 'post_author' => 1,
        'post_date' => '2025-01-01 09:00:00', 'post_content' => blocks($words->paragraphs($count))]);
}
// Left of an update: the database alone says when it was.
global $wpdb;
$updated = array_keys($truth)[20];
$wpdb->update($wpdb->posts, ['post_modified' => '2026-01-15 12:30:00', 'post_modified_gmt' => '2026-01-15 10:30:00'],
    ['ID' => $updated]);
clean_post_cache($updated);
flush_rewrite_rules(false);

$found = [];
foreach ($truth as $id => $known) {
    $post = get_post($id);
    $title = html_entity_decode(wp_strip_all_tags(get_the_title($id)), ENT_QUOTES | ENT_HTML5);
    $found[] = $known + ['id' => $id, 'url' => get_permalink($id), 'title' => $title,
        'published' => get_post_time('c', true, $id), 'modified' => get_post_modified_time('c', true, $id)];
}
$kept = ['site' => home_url('/'), 'posts' => $found, 'unseen' => array_map('get_permalink', $unseen),
    'pages' => array_map('get_permalink', $pages), 'attachments' => array_map('get_permalink', $pictures)];
file_put_contents(getenv('WORDPRESS_FOLDER') . "/truth$number.json",
    json_encode($kept, JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES));
