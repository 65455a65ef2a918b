package io.vipscope.core.flow;

import static io.vipscope.core.FrameBuilder.ACK;
import static io.vipscope.core.FrameBuilder.FIN;
import static io.vipscope.core.FrameBuilder.RST;
import static io.vipscope.core.FrameBuilder.SYN;
import static io.vipscope.core.FrameBuilder.SYN_ACK;
import static io.vipscope.core.FrameBuilder.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.FrameBuilder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ordinary frames are counted in a short way: the records must be those of the general one. */
class OrdinaryFramesTest {

  private static final String HOST = "10.0.0.10";
  private static final String VIP = "10.0.0.100";
  private static final String PEER = "203.0.113.5";

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void ordinaryFramesAreCountedAsAnyOther(long seed) {
    FlowTimeouts timeouts = FlowTimeouts.DEFAULT.withActive(20 * Capture.SECOND);
    LocalAddresses local =
        new LocalAddresses(List.of(List.of(ip(HOST), ip(VIP))), List.of(ip(VIP)));
    Capture ordinary = new Capture(12, local, timeouts, seed % 2 == 0);
    Capture general = new Capture(12, local, timeouts, seed % 2 == 0).ahead(1);
    Random random = new Random(seed);
    double seconds = 0;
    for (int i = 0; i < 20_000; i++) {
      seconds += random.nextInt(200) == 0 ? random.nextInt(400) : random.nextInt(20) * 0.01;
      FrameBuilder frame = anyFrame(random);
      // An even number of ns: one more is still the same tick.
      ordinary.at(Math.round(seconds * 100) / 100.0, frame);
      general.at(Math.round(seconds * 100) / 100.0, frame);
    }
    assertEquals(general.end(), ordinary.end());
    assertEquals(general.used(), ordinary.used());
    assertTrue(ordinary.used().size() > 500, () -> ordinary.used().size() + " frames told of");
    assertTrue(ordinary.written().size() > 500, () -> ordinary.written().size() + " records");
  }

  private static FrameBuilder anyFrame(Random random) {
    boolean v6 = random.nextInt(3) == 0;
    boolean back = random.nextInt(3) == 0;
    String near = v6 ? "2001:db8::" + (1 + random.nextInt(2)) : random.nextBoolean() ? HOST : VIP;
    String far = v6 ? "2001:db8::9" : PEER;
    int port = 40_000 + random.nextInt(3);
    String from = back ? far : near;
    String to = back ? near : far;
    FrameBuilder frame =
        switch (random.nextInt(8)) {
          case 0 -> FrameBuilder.icmp(from, to, v6 ? 128 + random.nextInt(2) : back ? 0 : 8, port);
          case 1, 2 -> FrameBuilder.udp(from, back ? 53 : port, to, back ? port : 53);
          default ->
              FrameBuilder.tcp(
                  from, back ? 443 : port, to, back ? port : 443, anyFlags(random), port % 2);
        };
    return random.nextInt(3) == 0 ? frame.vlan(10 + random.nextInt(2)) : frame;
  }

  private static int anyFlags(Random random) {
    return switch (random.nextInt(40)) {
      case 0, 1, 2 -> SYN;
      case 3 -> SYN_ACK;
      case 4 -> FIN | ACK;
      case 5 -> RST;
      default -> ACK;
    };
  }
}
