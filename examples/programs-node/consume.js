// Print who said what, from news.enriched: a line of JSON a statement.
//
//     node consume.js localhost:9092 --until 10    # ends after so many records; without, it goes on
import { parseArgs } from "node:util";
import { Kafka, logLevel } from "kafkajs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { topic: { type: "string", default: "news.enriched" }, until: { type: "string" } },
});
const until = Number(values.until ?? Infinity);

const kafka = new Kafka({ clientId: "example-consumer", brokers: [positionals[0]], logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: "example-consumer-node", sessionTimeout: 6000 });
let count = 0;
let done;
const ended = new Promise((resolve) => { done = resolve; });

function print({ article, quotes }) {
  for (const quote of quotes ?? []) {
    console.log(JSON.stringify({ article: article.article_id, speaker: quote.speaker?.name ?? null, words: quote.text }));
  }
}

await consumer.connect();
await consumer.subscribe({ topic: values.topic, fromBeginning: true });
await consumer.run({
  eachMessage: async ({ message }) => {
    if (count >= until) return;
    print(JSON.parse(message.value.toString()));
    count += 1;
    if (count >= until) done();
  },
});
await ended;
await consumer.disconnect();
