package io.vipscope.tools.report;

import io.vipscope.core.finding.Finding;
import io.vipscope.core.finding.FindingKind;
import io.vipscope.core.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;

/** What this capture, and any capture at a mirror port, cannot show. */
final class BlindSpots {

  private static final List<String> ALWAYS =
      List.of(
          "A host that talks to its own VIP, or containers of one host among themselves: these"
              + " frames never leave the host, no mirror port has them.",
          "Which application opened a flow, and whether it bound the source or the kernel chose it:"
              + " a bind to the very address that the kernel would choose looks the same.",
          "Firewall marks, users and cgroups that rules test: verdicts that rest on them are"
              + " conditional.",
          "What happens to a packet behind the mirror port: a router or firewall further on may"
              + " rewrite its source again.",
          "Frames that the switch itself did not mirror (an oversubscribed SPAN port drops without"
              + " telling the receiver).");

  private BlindSpots() {}

  static List<String> of(Report report) {
    List<String> all = new ArrayList<>();
    CaptureFacts facts = report.facts();
    if (facts.broken() != null) {
      all.add("The input ended early: " + facts.broken() + ".");
    }
    if (!facts.expression().isEmpty()) {
      all.add(
          "Flows that the expression '"
              + facts.expression()
              + "' leaves out; silence of a host shows nothing then.");
    }
    if (facts.hosts().isEmpty()) {
      all.add("No host's state was given: no flow has a verdict.");
    }
    for (CaptureFacts.HostFacts host : facts.hosts()) {
      if (!host.natKnown()) {
        all.add(host.name() + ": no NAT rules were collected; its mismatches may be SNAT.");
      }
      var counts = report.view().hosts().get(host.name());
      if (counts == null || counts.directions().isEmpty()) {
        all.add(host.name() + ": not one flow of it was seen.");
      }
    }
    if (report.view().lanes().isEmpty()) {
      all.add("No VRRP, ARP or ND of a VIP was seen: nobody knows who held one.");
    }
    long undecided = report.view().of(Verdict.UNDECIDED);
    if (undecided > 0) {
      all.add(
          undecided
              + (undecided == 1 ? " flow is" : " flows are")
              + " undecided: the state or the capture does not tell.");
    }
    if (facts.live() && facts.source().kernelDrops() > 0) {
      all.add(facts.source().kernelDrops() + " frames that the kernel had no room for.");
    }
    if (!facts.live()) {
      all.add("What was lost while the capture was made: the file does not tell.");
    }
    for (Finding f : report.view().findings()) {
      if (f.kind() == FindingKind.SENSOR_BLIND) {
        all.add("Sensor: " + f.text());
      }
    }
    if (report.view().left() > 0) {
      all.add(
          report.view().left()
              + " further changes, findings or kinds of difference had no room in this report;"
              + " the records (--json) have them.");
    }
    all.addAll(ALWAYS);
    return all;
  }
}
