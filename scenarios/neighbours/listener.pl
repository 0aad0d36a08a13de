#!/usr/bin/perl
# Writes a line for each datagram to port 5000: unicast, broadcast, or for group 239.1.1.1.
use strict;
use warnings;
use Socket qw(IPPROTO_IP IP_ADD_MEMBERSHIP inet_aton pack_ip_mreq);
use IO::Socket::INET;

my $socket = IO::Socket::INET->new(Proto => 'udp', LocalPort => 5000) or die "bind: $!";
my $group = pack_ip_mreq(inet_aton('239.1.1.1'));
setsockopt($socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, $group) or die "join: $!";
STDOUT->autoflush(1);
while (defined $socket->recv(my $datagram, 1500)) {
    chomp $datagram;
    print 'heard "', $datagram, '" from ', $socket->peerhost, "\n";
}
