use strict;
use warnings;
use IO::Socket::UNIX;
my $server = IO::Socket::UNIX->new(Peer => 'memcached.sock') or die "no connection: $!\n";
$server->autoflush(0);
my ($bytes, $stored, $found) = (0, 0, 0);
for my $batch (0 .. 599) {
    for my $n (map { $batch * 100 + $_ } 0 .. 99) {
        my $value = 'v' x ($n * 37 % 900);
        printf $server "set key%d 0 0 %d\r\n%s\r\n", $n % 20000, length $value, $value;
    }
    printf $server "get key%d\r\n", ($batch * 61 + $_) % 20000 for 0 .. 99;
    $server->flush;
    for (0 .. 99) { $stored++ if <$server> eq "STORED\r\n" }
    for (0 .. 99) {
        while ((my $line = <$server>) ne "END\r\n") {
            if ($line =~ /^VALUE \S+ \d+ (\d+)/) { $found++; $bytes += $1 }
        }
    }
}
print "$stored $found $bytes\n";
