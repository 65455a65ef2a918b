package io.vipscope.capture.host;

import io.vipscope.capture.CaptureException;
import java.io.Reader;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON text as trees, made from the parser's tokens: a mapper would take a tenth of a second to set
 * up, and would hold the tree of a whole routing table.
 */
final class JsonInput implements AutoCloseable {

  private static final JsonFactory FACTORY = JsonFactory.builder().build();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final String file;
  private final JsonParser parser;

  /**
   * @param file how messages name it
   * @param text closed with this
   */
  JsonInput(String file, Reader text) {
    this.file = file;
    this.parser = FACTORY.createParser(ObjectReadContext.empty(), text);
  }

  /** The whole text as one value. */
  JsonPlace whole() {
    try {
      JsonNode node = value(parser.nextToken());
      end();
      return new JsonPlace(file, node);
    } catch (JacksonIOException e) {
      throw e; // the file, not its content
    } catch (JacksonException e) {
      throw invalid(e);
    }
  }

  /**
   * Gives the elements of an array one after the other, without keeping them.
   *
   * @throws CaptureException if it is no array, also after some elements were given
   */
  void elements(Consumer<JsonPlace> consumer) {
    try {
      JsonToken first = parser.nextToken();
      if (first != JsonToken.START_ARRAY) {
        JsonPlace found = new JsonPlace(file, value(first));
        end();
        throw found.wrong("an array");
      }
      JsonPlace top = new JsonPlace(file, NODES.arrayNode());
      int index = 0;
      for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
        consumer.accept(top.element(index++, value(t)));
      }
      end();
    } catch (JacksonIOException e) {
      throw e; // the file, not its content
    } catch (JacksonException e) {
      throw invalid(e);
    }
  }

  private void end() {
    JsonToken more = parser.nextToken();
    if (more != null) {
      throw invalid("more text after the value");
    }
  }

  /** The value that begins with the token; the parser bounds how deep it may nest. */
  private JsonNode value(@Nullable JsonToken token) {
    if (token == null) {
      throw invalid("it ends too early");
    }
    return switch (token) {
      case START_OBJECT -> object();
      case START_ARRAY -> array();
      case VALUE_STRING -> NODES.stringNode(parser.getString());
      case VALUE_NUMBER_INT -> integer();
      case VALUE_NUMBER_FLOAT -> NODES.numberNode(parser.getDoubleValue());
      case VALUE_TRUE -> NODES.booleanNode(true);
      case VALUE_FALSE -> NODES.booleanNode(false);
      case VALUE_NULL -> NODES.nullNode();
      default -> throw invalid("unexpected " + token);
    };
  }

  private ObjectNode object() {
    ObjectNode object = NODES.objectNode();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      object.set(name, value(parser.nextToken()));
    }
    return object;
  }

  private ArrayNode array() {
    ArrayNode array = NODES.arrayNode();
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      array.add(value(t));
    }
    return array;
  }

  private JsonNode integer() {
    return switch (parser.getNumberType()) {
      case INT -> NODES.numberNode(parser.getIntValue());
      case LONG -> NODES.numberNode(parser.getLongValue());
      default -> NODES.numberNode(parser.getBigIntegerValue());
    };
  }

  private CaptureException invalid(JacksonException e) {
    return new CaptureException(
        notJson(e.getLocation()) + firstLine(String.valueOf(e.getOriginalMessage())), e);
  }

  private CaptureException invalid(String message) {
    return new CaptureException(notJson(parser.currentTokenLocation()) + message);
  }

  private String notJson(@Nullable TokenStreamLocation at) {
    return file
        + ": is not valid JSON"
        + (at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr())
        + ": ";
  }

  /** Without what only programmers of the parser need. */
  private static String firstLine(String message) {
    int end = message.indexOf('\n');
    String line = end < 0 ? message : message.substring(0, end);
    return line.replaceFirst(" *\\(start marker at \\[Source: .*", "");
  }

  @Override
  public void close() {
    parser.close();
  }
}
