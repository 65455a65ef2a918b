package io.vipscope.capture.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vipscope.capture.CaptureException;
import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broken snapshot files: a sentence that names the file, or success; never another exception. */
class BadSnapshotFuzzTest {

  private static final List<String> FILES =
      List.of(
          "addr.json",
          "link.json",
          "route4.json",
          "route6.json",
          "rule4.json",
          "rule6.json",
          "addrlabel.json",
          "nexthop.json",
          "neigh.json",
          "nft.json",
          "iptables-save.txt",
          "ip6tables-save.txt",
          "sysctl.txt",
          "meta.json",
          "keepalived.conf");

  private static final List<String> WRONG =
      List.of(
          "true", "\"x\"", "-1", "1.5", "{}", "[]", "[[]]", "99999999999999999999", "null", "\"\"");

  private static final String KEEPALIVED =
      """
      vrrp_instance VI_1 {
        interface eth0
        virtual_router_id 51
        virtual_ipaddress { 10.0.0.100/24 dev eth0 label eth0:v
          2001:db8::100 preferred_lft forever }
        virtual_routes { default via 10.0.0.1 src 10.0.0.100 table 100 }
        virtual_rules { from 10.0.0.100 table 100 }
      }
      include keepalived.d/*.conf
      """;

  @TempDir private Path folder;
  private int refused;
  private final List<String> wrong = new ArrayList<>();

  @Test
  void brokenFilesAreRefusedByName() throws IOException {
    Path cases = RecordedAnswers.folder("wire-cases");
    assumeTrue(cases != null, "recorded snapshots are not beside this checkout");
    Random random = new Random(7);
    List<Path> all = RecordedAnswers.cases(Objects.requireNonNull(cases));
    for (Path source : List.of(all.get(7), all.get(10), all.get(18), all.get(21), all.get(23))) {
      for (String name : FILES) {
        copy(source);
        String text = Files.readString(folder.resolve(name), UTF_8);
        for (int i = 0; i < 12 && !text.isEmpty(); i++) {
          tryWith(name, text.substring(0, random.nextInt(text.length())));
          tryWith(name, replaced(text, random));
          tryWith(name, garbled(text, random));
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(refused > 200, "only " + refused + " were refused");
  }

  private void copy(Path source) throws IOException {
    for (String name : FILES) {
      Path from = source.resolve(name);
      Files.writeString(
          folder.resolve(name),
          name.equals("keepalived.conf")
              ? KEEPALIVED
              : Files.exists(from) ? Files.readString(from, UTF_8) : "",
          UTF_8);
    }
  }

  private void tryWith(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text, UTF_8);
    try {
      HostSnapshot snapshot = SnapshotReader.read("lb1", folder);
      new FlowPredictor(snapshot)
          .predict(new FlowQuery(IpAddress.parse("192.0.2.9"), 6, 40000, 443));
    } catch (CaptureException e) {
      refused++;
      String message = String.valueOf(e.getMessage());
      if (!message.contains(name) || message.contains("\n") || message.contains("Exception")) {
        wrong.add(name + ": " + message);
      }
    } catch (RuntimeException | StackOverflowError e) {
      wrong.add(
          name + ": " + e + " at " + List.of(e.getStackTrace()).subList(0, 3) + "\n" + shown(text));
    }
  }

  private static String shown(String text) {
    return text.length() > 200 ? text.substring(0, 200) : text;
  }

  /** One value becomes something of another type. */
  private static String replaced(String text, Random random) {
    int start = text.indexOf(':', random.nextInt(text.length()));
    if (start < 0) {
      return text;
    }
    int end = start + 1;
    while (end < text.length() && ",}]\n".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    return text.substring(0, start + 1)
        + WRONG.get(random.nextInt(WRONG.size()))
        + text.substring(end);
  }

  private static String garbled(String text, Random random) {
    char[] chars = text.toCharArray();
    for (int i = 0; i < 1 + random.nextInt(3); i++) {
      chars[random.nextInt(chars.length)] = "0{}[]\":,-/ x\u0000".charAt(random.nextInt(13));
    }
    return new String(chars);
  }
}
