package io.vipscope.tools.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import io.vipscope.core.net.IpAddress;
import java.net.URLDecoder;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Who may look. With a token, those who show it: as a bearer token, as the page's cookie, or once
 * in the address, which gives the cookie. Without one, everybody over TLS, for whom the certificate
 * proves the name that was asked; else the page listens on this machine alone, and a request must
 * name it so: a foreign site whose name points here is refused (DNS rebinding).
 */
final class Access {

  private static final String COOKIE = "vipscope";

  private final @Nullable String token;
  private final boolean tls;

  /**
   * @param token null: none is asked for
   */
  Access(@Nullable String token, boolean tls) {
    this.token = token;
    this.tls = tls;
  }

  /** Whether the request may be answered. */
  boolean allows(HttpExchange exchange) {
    Headers headers = exchange.getRequestHeaders();
    if (token == null) {
      return tls || local(headers.getFirst("Host"));
    }
    String bearer = headers.getFirst("Authorization");
    if (bearer != null && bearer.startsWith("Bearer ") && same(bearer.substring(7))) {
      return true;
    }
    String cookies = headers.getFirst("Cookie");
    if (cookies != null) {
      for (String cookie : cookies.split(";", -1)) {
        String text = cookie.strip();
        if (text.startsWith(COOKIE + "=") && same(text.substring(COOKIE.length() + 1))) {
          return true;
        }
      }
    }
    return false;
  }

  /** The cookie for who showed the token in the address; null for everybody else. */
  @Nullable String cookie(HttpExchange exchange) {
    String query = exchange.getRequestURI().getRawQuery();
    if (token == null || query == null) {
      return null;
    }
    for (String part : query.split("&", -1)) {
      if (part.startsWith("token=") && same(decoded(part.substring(6)))) {
        return COOKIE
            + "="
            + token
            + "; HttpOnly; SameSite=Strict; Path=/"
            + (tls ? "; Secure" : "");
      }
    }
    return null;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, UTF_8);
    } catch (IllegalArgumentException _) {
      return "";
    }
  }

  private boolean same(String shown) {
    return token != null && MessageDigest.isEqual(shown.getBytes(UTF_8), token.getBytes(UTF_8));
  }

  private static boolean local(@Nullable String host) {
    if (host == null) {
      return false;
    }
    String name = host.replaceFirst(":\\d+$", "");
    if (name.startsWith("[") && name.endsWith("]")) {
      name = name.substring(1, name.length() - 1);
    }
    return name.equalsIgnoreCase("localhost")
        || IpAddress.isAddress(name) && IpAddress.parse(name).isLoopback();
  }
}
