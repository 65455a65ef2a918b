#!/bin/sh
# Writes the state of the host it runs on into the directory DIR, one file per command.
# usage: snapshot.sh DIR HOST KEEPALIVED_CONF
set -u
umask 022
dir=$1 host=$2 conf=$3
start=$(date +%s%N)
cd "$dir" || exit 1
ip -j -d addr show >addr.json || exit 1
ip -j -d link show >link.json
ip -j -d -4 route show table all >route4.json
ip -j -d -6 route show table all >route6.json
ip -j -d -4 rule show >rule4.json
ip -j -d -6 rule show >rule6.json
ip -j -6 addrlabel list >addrlabel.json
ip -j -d nexthop show >nexthop.json
ip -j neigh show >neigh.json
nft -j list ruleset >nft.json
iptables-save >iptables-save.txt
ip6tables-save >ip6tables-save.txt
sysctl net.ipv4 net.ipv6 >sysctl.txt
grep -v auth_pass "$conf" >keepalived.conf
kernel=$(uname -r)
end=$(date +%s%N)
printf '{"host":"%s","t_start_ns":%s,"t_end_ns":%s,"kernel":"%s"}\n' \
    "$host" "$start" "$end" "${kernel%%-*}" >meta.json
