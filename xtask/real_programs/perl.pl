use strict;
use warnings;
my (%count, %lists, @words);
for my $n (1 .. 250_000) {
    my $word = sprintf '%x', $n * 7919 % 1000003;
    $count{$word}++;
    push @{ $lists{ substr $word, 0, 2 } }, $word . ('y' x ($n % 40));
    push @words, "$word-$n" if $n % 3;
}
my @sorted = sort { $a cmp $b } @words;
my $text = join ' ', @sorted;
(my $other = $text) =~ s/([a-f]+)(\d)/$2$1/g;
my $sum = 0;
$sum += length for map { @$_ } values %lists;
delete @lists{ grep { /[0-4]/ } keys %lists };
print join(' ', scalar(keys %count), $sum, scalar(keys %lists), length $other, $sorted[0], $sorted[-1]), "\n";
