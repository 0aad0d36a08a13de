#!/usr/bin/perl
# ask.pl ADDRESS: connects to TCP port 7777 and prints the first line.
use strict;
use warnings;
use IO::Socket::IP;

my $socket = IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => 7777) or die "socket: $@";
print $socket->getline;
