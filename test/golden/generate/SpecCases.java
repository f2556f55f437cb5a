import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import org.apache.kafka.trogdor.common.JsonUtil;
import org.apache.kafka.trogdor.task.TaskSpec;

/**
 * Reads spec texts (spec-inputs.json: [{name, input}]) with the reference's own classes and records
 * which it accepts, in which normalized form, and with which complaint it refuses the others.
 */
public class SpecCases {
    public static void main(String[] args) throws Exception {
        ObjectMapper plain = new ObjectMapper();
        ArrayNode answers = plain.createArrayNode();
        for (JsonNode item : plain.readTree(new File(args[0]))) {
            ObjectNode answer = answers.addObject();
            answer.put("name", item.get("name").asText());
            answer.put("input", item.get("input").asText());
            try {
                TaskSpec spec = JsonUtil.JSON_SERDE.readValue(item.get("input").asText(), TaskSpec.class);
                answer.put("normalized", JsonUtil.toJsonString(spec));
                answer.put("pretty", JsonUtil.toPrettyJsonString(spec));
            } catch (Throwable e) {
                answer.put("error", String.valueOf(e.getMessage()).split("\n at \\[")[0]);
            }
        }
        plain.writerWithDefaultPrettyPrinter().writeValue(new File(args[1]), answers);
    }
}
