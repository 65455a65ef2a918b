NAME = "failover_route_src"
SUMMARY = ""
