import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.lang.reflect.Constructor;
import java.lang.reflect.Proxy;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.trogdor.workload.TimeIntervalTransactionsGenerator;
import org.apache.kafka.trogdor.workload.TransactionGenerator;
import org.apache.kafka.trogdor.workload.TransactionGenerator.TransactionAction;
import org.apache.kafka.trogdor.workload.UniformTransactionsGenerator;

/** Asks the reference's own generators at given times. Input: [{spec, timesMs}]. */
public class TransactionCases {
    public static void main(String[] args) throws Exception {
        ObjectMapper plain = new ObjectMapper();
        ArrayNode answers = plain.createArrayNode();
        for (JsonNode item : plain.readTree(new File(args[0]))) {
            ObjectNode answer = item.deepCopy();
            AtomicLong nowMs = new AtomicLong();
            TransactionGenerator generator = create(item.get("spec"), nowMs);
            ArrayNode actions = answer.putArray("actions");
            for (JsonNode timeMs : item.get("timesMs")) {
                nowMs.set(timeMs.asLong());
                actions.add(word(generator.nextAction()));
            }
            answers.add(answer);
        }
        plain.writerWithDefaultPrettyPrinter().writeValue(new File(args[1]), answers);
    }

    private static TransactionGenerator create(JsonNode spec, AtomicLong nowMs) throws Exception {
        if (spec.get("type").asText().equals("uniform")) {
            return new UniformTransactionsGenerator(spec.get("messagesPerTransaction").asInt());
        }
        Time time = (Time) Proxy.newProxyInstance(
            Time.class.getClassLoader(), new Class<?>[] {Time.class}, (self, method, values) -> nowMs.get());
        Constructor<TimeIntervalTransactionsGenerator> constructor =
            TimeIntervalTransactionsGenerator.class.getDeclaredConstructor(int.class, Time.class);
        constructor.setAccessible(true);
        return constructor.newInstance(spec.get("transactionIntervalMs").asInt(), time);
    }

    private static String word(TransactionAction action) {
        return switch (action) {
            case BEGIN_TRANSACTION -> "begin";
            case COMMIT_TRANSACTION -> "commit";
            case ABORT_TRANSACTION -> "abort";
            case NO_OP -> "none";
        };
    }
}
