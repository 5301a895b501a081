# Hashes, arrays, regular expressions and sorting in Perl.
PERL_HASH_SEED=0 exec perl "$inputs/perl.pl"
