NAME = "ipv6_64"
SUMMARY = ""
