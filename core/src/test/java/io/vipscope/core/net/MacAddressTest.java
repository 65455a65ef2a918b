package io.vipscope.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MacAddressTest {

  @Test
  void parsesAndPrints() {
    assertEquals(0x525400abcdefL, MacAddress.parse("52:54:00:AB:cd:ef").bits());
    assertEquals("52:54:00:ab:cd:ef", MacAddress.parse("52-54-00-ab-cd-ef").toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "52:54:00:00:00",
        "52:54:00:00:00:0",
        "52:54:00:00:00:001",
        "52.54.00.00.00.01",
        "52:54:00:00:00:0g",
        "52:54:00:00:00:-1",
        "52:54:00:00:00:\uff10\uff11",
        "52:54:00:00:00:\u0660\u0661"
      })
  void refusesWhatIsNotSixOctets(String text) {
    assertThrows(IllegalArgumentException.class, () -> MacAddress.parse(text));
  }

  @Test
  void virtualRoutersAreThoseOfTheTwoRanges() {
    assertTrue(MacAddress.parse("00:00:5e:00:01:33").isVirtualRouter());
    assertTrue(MacAddress.parse("00:00:5e:00:02:33").isVirtualRouter());
    assertFalse(MacAddress.parse("00:00:5e:00:03:33").isVirtualRouter());
    assertFalse(MacAddress.parse("02:00:5e:00:01:33").isVirtualRouter());
  }
}
