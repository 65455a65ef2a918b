NAME = "failover"
SUMMARY = ""
