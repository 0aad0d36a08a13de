#!/usr/bin/perl
# greeter.pl: greets whoever connects to TCP port 7777, by address.
use strict;
use warnings;
use IO::Socket::IP;

my $server = IO::Socket::IP->new(
    LocalHost => '::', LocalPort => 7777, Listen => 5, ReuseAddr => 1,
) or die "socket: $@";
while (my $client = $server->accept) {
    print $client 'hello ', $client->peerhost, "\n";
    close $client;
}
