NAME = "ipv6_128"
SUMMARY = ""
