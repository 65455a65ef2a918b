package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Flow records are Suricata's EVE: valid against its own schema but for what vipscope adds. */
class EveSchemaTest {

  @Test
  void flowRecordsAreValid() throws Exception {
    Path file = schema();
    assumeTrue(file != null, "needs shared/eve/schema.json");
    Schema schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(Files.readString(file));
    PairData demo = new PairData(Path.of("demo").toAbsolutePath());
    int flows = 0;
    for (JsonNode record : demo.audit(demo.capture())) {
      if (record.get("event_type").asString().equals("flow")) {
        ObjectNode eve = (ObjectNode) record;
        eve.remove(List.of("vipscope", "sensor", "icmp_id"));
        assertEquals(List.of(), schema.validate((JsonNode) eve), record::toString);
        flows++;
      }
    }
    assertTrue(flows > 50, "flow records");
    ObjectNode wrong = (ObjectNode) demo.audit(demo.capture()).getFirst();
    wrong.put("no such field", 1);
    assertTrue(!schema.validate((JsonNode) wrong).isEmpty(), "the schema refuses what is not EVE");
  }

  private static @Nullable Path schema() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path file = at.resolve("shared/eve/schema.json");
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    return null;
  }
}
