#!/usr/bin/perl
# Writes a line for each datagram to port 5000.
use strict;
use warnings;
use IO::Socket::INET;

my $socket = IO::Socket::INET->new(Proto => 'udp', LocalPort => 5000) or die "bind: $!";
STDOUT->autoflush(1);
while (defined $socket->recv(my $datagram, 65_535)) {
    print 'heard ', length $datagram, ' bytes from ', $socket->peerhost, "\n";
}
