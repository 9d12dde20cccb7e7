<?php
// Sentences that no other text has: each is drawn from lists, with numbers of its own, always the same for a seed.

final class Words
{
    private const WHO = ['The harbour office', 'A council committee', 'The museum', 'Two volunteers', 'The ferry company',
        'A teacher of the night school', 'The rowing club', 'An engineer of the waterworks', 'The market traders',
        'A baker in Mill Lane', 'The head of the library', 'The bridge keeper', 'A crew of electricians', 'The choir',
        'Several neighbours', 'The weather station', 'The beekeepers', 'A retired pilot', 'The county surveyor',
        'The owner of the boatyard'];
    private const DID = ['counted', 'repaired', 'asked for', 'measured', 'painted', 'sold', 'returned', 'inspected',
        'opened', 'closed', 'moved', 'listed', 'borrowed', 'photographed', 'promised', 'ordered', 'tested', 'found',
        'delivered', 'cleaned'];
    private const WHAT = ['wooden benches', 'street lamps', 'fishing permits', 'crates of apples', 'old maps', 'tide tables',
        'window frames', 'school desks', 'railway sleepers', 'bus timetables', 'copper pipes', 'garden plots',
        'rowing boats', 'letters of complaint', 'beehives', 'metres of rope', 'parking places', 'paving stones',
        'concert tickets', 'water meters'];
    private const WHERE = ['beside the north quay', 'behind the town hall', 'along the canal', 'near the old mill',
        'at the foot of the lighthouse', 'in the covered market', 'on the station square', 'between the two bridges',
        'above the fish hall', 'outside the swimming bath', 'in the former brewery', 'under the viaduct'];
    private const WHEN = ['before the first snow', 'in the week after Easter', 'on the last Friday of the month',
        'while the road was closed', 'during the long drought', 'shortly after dawn', 'in spite of the storm',
        'for the third year running', 'without any notice', 'between two holidays', 'after a vote of the members',
        'when the river fell'];
    private const END = ['and the bill came to %d crowns', 'which took %d hours', 'and %d people signed the list',
        'as %d letters had demanded', 'though only %d were expected', 'with the help of %d pupils',
        'and paid %d crowns for it', 'after %d days of waiting', 'at a cost of %d crowns each',
        'while %d visitors looked on'];

    public function __construct(int $seed)
    {
        mt_srand($seed, MT_RAND_MT19937);
    }

    private function one(array $from): string
    {
        return $from[mt_rand(0, count($from) - 1)];
    }

    public function sentence(): string
    {
        $said = sprintf('%s %s %d %s %s %s', $this->one(self::WHO), $this->one(self::DID), mt_rand(12, 987),
            $this->one(self::WHAT), $this->one(self::WHERE), $this->one(self::WHEN));
        return $said . (mt_rand(0, 2) ? ', ' . sprintf($this->one(self::END), mt_rand(13, 9800)) : '') . '.';
    }

    public function paragraph(int $sentences = 0): string
    {
        $count = $sentences ?: mt_rand(2, 5);
        return implode(' ', array_map(fn () => $this->sentence(), range(1, $count)));
    }

    /** @return list<string> */
    public function paragraphs(int $count): array
    {
        return array_map(fn () => $this->paragraph(), range(1, $count));
    }
}
