package io.vipscope.tools.export;

import io.vipscope.core.net.IpAddress;
import java.security.GeneralSecurityException;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * Prefix-preserving pseudonyms for addresses: Crypto-PAn (Xu, Fan, Ammar, Moon, 2002). Two
 * addresses with the same first n bits have pseudonyms with the same first n bits. One thread at a
 * time.
 */
final class CryptoPan {

  static final int KEY_BYTES = 32;
  private static final int BLOCK = 16;
  private static final int REMEMBERED = 65_536;

  private final Cipher cipher;
  private final byte[] pad;
  private final Map<IpAddress, IpAddress> known =
      new LinkedHashMap<>(1024, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<IpAddress, IpAddress> eldest) {
          return size() > REMEMBERED;
        }
      };

  /**
   * @param key 32 bytes: 16 for AES, 16 for the padding
   */
  // The construction encrypts single blocks of its own; ECB is what it is defined with.
  @SuppressWarnings("InsecureCryptoUsage")
  CryptoPan(byte[] key) {
    if (key.length != KEY_BYTES) {
      throw new IllegalArgumentException("a key has 32 bytes, not " + key.length);
    }
    try {
      cipher = Cipher.getInstance("AES/ECB/NoPadding");
      cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, 0, BLOCK, "AES"));
      pad = cipher.doFinal(key, BLOCK, BLOCK);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has AES", e);
    }
  }

  /** The pseudonym. */
  IpAddress of(IpAddress address) {
    return known.computeIfAbsent(address, this::make);
  }

  private IpAddress make(IpAddress address) {
    byte[] original = address.toBytes();
    byte[] input = pad.clone();
    byte[] mask = new byte[original.length];
    for (int bit = 0; bit < original.length * 8; bit++) {
      // The first `bit` bits are the address's, the others the padding's.
      byte[] output = encrypt(input);
      mask[bit >>> 3] |= (byte) ((output[0] & 0x80) >>> (bit & 7));
      int selected = 0x80 >>> (bit & 7);
      input[bit >>> 3] = (byte) (input[bit >>> 3] & ~selected | original[bit >>> 3] & selected);
    }
    long hi = 0;
    long lo = 0;
    for (int i = 0; i < original.length; i++) {
      hi = hi << 8 | lo >>> 56;
      lo = lo << 8 | (original[i] ^ mask[i]) & 0xff;
    }
    return new IpAddress(address.v6(), hi, lo);
  }

  /** A pseudonym of 48 bits, without any structure. */
  long of(long value) {
    byte[] input = pad.clone();
    for (int i = 0; i < 6; i++) {
      input[i] = (byte) (value >>> 8 * (5 - i));
    }
    byte[] output = encrypt(input);
    long result = 0;
    for (int i = 0; i < 6; i++) {
      result = result << 8 | output[i] & 0xff;
    }
    return result;
  }

  private byte[] encrypt(byte[] block) {
    try {
      return cipher.doFinal(block);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a block of 16 bytes can be encrypted", e);
    }
  }
}
