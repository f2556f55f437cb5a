import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.util.HexFormat;
import org.apache.kafka.trogdor.common.JsonUtil;
import org.apache.kafka.trogdor.workload.PayloadGenerator;

/**
 * Generates payloads with the reference's own classes. Input: [{spec, positions, timestamp}];
 * output adds `payloads`, one hex text a position, null for null. With `timestamp` the first eight
 * bytes are the time of the run and are left out.
 */
public class PayloadCases {
    public static void main(String[] args) throws Exception {
        ObjectMapper plain = new ObjectMapper();
        ArrayNode answers = plain.createArrayNode();
        for (JsonNode item : plain.readTree(new File(args[0]))) {
            ObjectNode answer = answers.add(item).get(answers.size() - 1).deepCopy();
            PayloadGenerator generator =
                JsonUtil.JSON_SERDE.treeToValue(item.get("spec"), PayloadGenerator.class);
            ArrayNode payloads = answer.putArray("payloads");
            int from = item.path("timestamp").asBoolean() ? 8 : 0;
            for (JsonNode position : item.get("positions")) {
                byte[] bytes = generator.generate(position.asLong());
                if (bytes == null) payloads.addNull();
                else payloads.add(HexFormat.of().formatHex(bytes, from, bytes.length));
            }
            answers.set(answers.size() - 1, answer);
        }
        plain.writerWithDefaultPrettyPrinter().writeValue(new File(args[1]), answers);
    }
}
