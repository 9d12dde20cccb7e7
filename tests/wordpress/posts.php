<?php
// The 60 posts and what stands beside them, as authors write them: in the block editor and in the classic one.

const RUSSIAN = [
    'Библиотека на улице Мельничной открылась после ремонта, который продолжался одиннадцать месяцев.',
    'Читатели принесли назад 412 книг, взятых ещё до начала работ, и ни одна не была потеряна. Заведующая сказала, что '
        . 'такого порядка она не помнит за двадцать лет службы.',
    'По вечерам в читальном зале снова собирается кружок переводчиков; первая встреча назначена на четверг.',
];
const JAPANESE = [
    '港の古い灯台は、四十年ぶりに塗り替えられることになった。工事は来月の初めに始まり、三週間ほどかかる見込みである。',
    '町の役場によると、費用は二百八十万円で、そのうち半分は住民の寄付によるものだという。寄付をした人の名前は入口の板に刻まれる。',
    '漁師たちは工事の間、夜の目印として北側の堤防に仮の明かりを置く。船の出入りに影響はないと役場は説明している。',
];
const GREEK = [
    'Η παλιά γέφυρα του λιμανιού άνοιξε ξανά για τους πεζούς ύστερα από δεκαπέντε μήνες εργασιών.',
    'Ο δήμος αντικατέστησε 318 σανίδες και έβαψε τα κάγκελα με το χρώμα που είχαν πριν από εβδομήντα χρόνια. Οι κάτοικοι '
        . 'της βόρειας όχθης δεν χρειάζεται πια να κάνουν τον γύρο από τον μύλο.',
    'Τα αυτοκίνητα θα περνούν από την άνοιξη, όταν τελειώσει ο έλεγχος των θεμελίων.',
];

function block(string $name, string $html, string $attributes = ''): string
{
    return "<!-- wp:$name" . ($attributes ? " $attributes" : '') . " -->\n$html\n<!-- /wp:$name -->";
}

/** @param list<string> $texts */
function blocks(array $texts): string
{
    return implode("\n\n", array_map(fn ($text) => block('paragraph', "<p>$text</p>"), $texts));
}

function image_block(int $id, string $caption): string
{
    $url = wp_get_attachment_image_url($id, 'large');
    return block('image', "<figure class=\"wp-block-image size-large\"><img src=\"$url\" alt=\"\" class=\"wp-image-$id\"/>"
        . "<figcaption class=\"wp-element-caption\">$caption</figcaption></figure>", "{\"id\":$id,\"sizeSlug\":\"large\"}");
}

/** One post: what is written (`content`), and what a reader must find of it: `text`, `captions`. */
function post_content(int $index, Words $words, array $pictures): array
{
    $text = $words->paragraphs(3 + $index % 4);
    $captions = [];
    switch ($index % 20) {
        case 0: // classic editor: paragraphs by blank lines, a caption by shortcode
            $captions = ["The quay on a winter morning, number $index. Photo: Ines Calder"];
            $id = $pictures[0];
            $image = wp_get_attachment_image($id, 'medium');
            $content = $text[0] . "\n\n[caption id=\"attachment_$id\" align=\"aligncenter\" width=\"300\"]$image $captions[0]"
                . "[/caption]\n\n" . implode("\n\n", array_slice($text, 1));
            break;
        case 1: // an image with a caption
            $captions = ["A crane lifts plank $index of the bridge. (Jonas Field/Town Archive)"];
            $content = blocks([$text[0]]) . "\n\n" . image_block($pictures[1], $captions[0]) . "\n\n"
                . blocks(array_slice($text, 1));
            break;
        case 2: // headings, a list, a quote
            $list = [$words->sentence(), $words->sentence(), $words->sentence()];
            $quote = $words->sentence();
            $items = implode('', array_map(fn ($item) => block('list-item', "<li>$item</li>"), $list));
            $content = blocks([$text[0]]) . "\n\n" . block('heading', "<h2>What changes in year $index</h2>") . "\n\n"
                . block('list', "<ul>$items</ul>") . "\n\n" . block('quote', '<blockquote class="wp-block-quote">'
                . block('paragraph', "<p>$quote</p>") . "<cite>Rosa Quill, treasurer</cite></blockquote>") . "\n\n"
                . blocks(array_slice($text, 1));
            $text = [$text[0], "What changes in year $index", ...$list, $quote, 'Rosa Quill, treasurer',
                ...array_slice($text, 1)];
            break;
        case 3: // a gallery of blocks
            $captions = ["Lamp $index before the repair", "Lamp $index after the repair"];
            $content = blocks([$text[0]]) . "\n\n" . block('gallery', '<figure class="wp-block-gallery has-nested-images '
                . 'columns-default is-cropped">' . image_block($pictures[0], $captions[0])
                . image_block($pictures[2], $captions[1]) . '</figure>', '{"linkTo":"none"}') . "\n\n"
                . blocks(array_slice($text, 1));
            break;
        case 4: // a classic gallery, whose captions are those of the pictures
            $captions = array_map('wp_get_attachment_caption', [$pictures[1], $pictures[2]]);
            $content = $text[0] . "\n\n[gallery ids=\"$pictures[1],$pictures[2]\" columns=\"2\" link=\"file\"]\n\n"
                . implode("\n\n", array_slice($text, 1));
            break;
        case 5: // the rest behind "more"
            $content = blocks([$text[0]]) . "\n\n" . block('more', '<!--more-->') . "\n\n" . blocks(array_slice($text, 1));
            break;
        case 6: // several pages
            $text = $words->paragraphs(9);
            $content = implode("\n\n" . block('nextpage', '<!--nextpage-->') . "\n\n",
                array_map('blocks', array_chunk($text, 3)));
            break;
        case 7: // very short
            $text = [$words->sentence()];
            $content = blocks($text);
            break;
        case 8: // a table, a pull quote
            $rows = [["$index boats in summer", 'North quay'], ["$index boats in winter", 'East quay']];
            $row = fn ($cells) => '<tr><td>' . implode('</td><td>', $cells) . '</td></tr>';
            $pulled = $words->sentence();
            $content = blocks([$text[0]]) . "\n\n" . block('table', '<figure class="wp-block-table"><table><tbody>'
                . implode('', array_map($row, $rows)) . '</tbody></table></figure>') . "\n\n"
                . blocks(array_slice($text, 1)) . "\n\n" . block('pullquote', '<figure class="wp-block-pullquote">'
                . "<blockquote><p>$pulled</p></blockquote></figure>");
            $text = [$text[0], ...array_merge(...$rows), ...array_slice($text, 1), $pulled];
            break;
        case 9: // columns, a button, a separator
            $content = block('columns', '<div class="wp-block-columns">' . block('column',
                '<div class="wp-block-column">' . blocks([$text[0]]) . '</div>') . block('column',
                '<div class="wp-block-column">' . blocks([$text[1]]) . '</div>') . '</div>') . "\n\n"
                . block('separator', '<hr class="wp-block-separator has-alpha-channel-opacity"/>') . "\n\n"
                . blocks(array_slice($text, 2)) . "\n\n" . block('buttons', '<div class="wp-block-buttons">'
                . block('button', '<div class="wp-block-button"><a class="wp-block-button__link wp-element-button" '
                . 'href="/contact/">Write to us</a></div>') . '</div>');
            break;
        case 10: // links in the text, an own excerpt
            $text[1] .= ' More in the register.';
            $content = blocks([$text[0], str_replace('the register', '<a href="https://www.example.org/register">the '
                . 'register</a>', $text[1]), ...array_slice($text, 2)]);
            break;
        case 11: // classic markup with entities and line breaks
            $text[0] = "“Salt & pepper”, said the cook – it cost £$index. " . $text[0];
            $content = strtr(implode("\n\n", $text),
                ['“' => '&ldquo;', '”' => '&rdquo;', '&' => '&amp;', '–' => '&#8211;', '£' => '&pound;']);
            break;
        case 12: // a list of the newest posts within the post
            $content = blocks($text) . "\n\n" . '<!-- wp:latest-posts {"postsToShow":4,"displayPostDate":true} /-->';
            break;
        case 13: // media and text, side by side
            $url = wp_get_attachment_image_url($pictures[2], 'large');
            $content = blocks([$text[0]]) . "\n\n" . block('media-text', '<div class="wp-block-media-text '
                . "is-stacked-on-mobile\"><figure class=\"wp-block-media-text__media\"><img src=\"$url\" alt=\"\"/></figure>"
                . '<div class="wp-block-media-text__content">' . blocks([$text[1]]) . '</div></div>') . "\n\n"
                . blocks(array_slice($text, 2));
            break;
        default:
            $content = $index % 2 ? blocks($text) : implode("\n\n", $text);
    }
    return ['content' => $content, 'text' => $text, 'captions' => array_values($captions)];
}

function post_title(int $index, Words $words): string
{
    $odd = [
        11 => 'Salt & pepper: “how the cook’s bill grew” – a long reading for the long winter evenings of the town',
        14 => 'Quotes', 31 => '2025', 34 => 'Why <em>not</em> now?', 54 => '100% of the ferries < 10 minutes late',
    ];
    return $odd[$index] ?? rtrim(ucfirst(implode(' ', array_slice(explode(' ', $words->sentence()), 0, 9 - $index % 3))), '.');
}
