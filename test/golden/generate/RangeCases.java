import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.util.TreeSet;
import org.apache.kafka.trogdor.common.StringExpander;

/** Expands names with the reference's own class: one step, sorted, or its complaint. */
public class RangeCases {
    public static void main(String[] args) throws Exception {
        ObjectMapper plain = new ObjectMapper();
        ArrayNode answers = plain.createArrayNode();
        for (JsonNode item : plain.readTree(new File(args[0]))) {
            ObjectNode answer = answers.addObject();
            answer.put("input", item.asText());
            try {
                ArrayNode names = plain.createArrayNode();
                new TreeSet<>(StringExpander.expand(item.asText())).forEach(names::add);
                answer.set("names", names);
            } catch (Throwable e) {
                answer.put("error", e.getMessage());
            }
        }
        plain.writerWithDefaultPrettyPrinter().writeValue(new File(args[1]), answers);
    }
}
