#!/usr/bin/perl
# talker.pl ADDRESS WORD...: sends the words as one datagram to port 5000.
use strict;
use warnings;
use IO::Socket::INET;

my ($address, @words) = @ARGV;
my $socket = IO::Socket::INET->new(
    Proto => 'udp', PeerAddr => $address, PeerPort => 5000, Broadcast => 1,
) or die "socket: $!";
$socket->send("@words\n") or die "send: $!";
