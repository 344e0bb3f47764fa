// Publish articles to news.raw: JSON lines with article_id, source and text, on standard input.
//
//     node produce.js localhost:9092 [news.raw] < articles.jsonl
import { createInterface } from "node:readline";
import { Kafka, logLevel } from "kafkajs";

const [broker, topic = "news.raw"] = process.argv.slice(2);
const BATCH = 500;

const kafka = new Kafka({ clientId: "example-producer", brokers: [broker], logLevel: logLevel.ERROR });
// A message that is sent twice, as a retry may do, changes nothing: the id is the same.
const producer = kafka.producer({ allowAutoTopicCreation: false });
let acknowledged = 0;

async function send(messages) {
  await producer.send({ topic, acks: -1, messages }); // fails unless all replicas have them
  acknowledged += messages.length;
}

await producer.connect();
let batch = [];
for await (const line of createInterface({ input: process.stdin })) {
  const article = { ingested_at: new Date().toISOString(), ...JSON.parse(line) };
  batch.push({ key: article.article_id, value: JSON.stringify(article) });
  if (batch.length === BATCH) await send(batch.splice(0));
}
if (batch.length) await send(batch);
await producer.disconnect();
console.log(`${acknowledged} articles acknowledged`);
