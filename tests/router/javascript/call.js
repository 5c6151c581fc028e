// Calls a router with OpenAI's own client and prints what came back, one JSON value per line.
// usage: node call.js BASE_URL [API_KEY]

import OpenAI from "openai";

const [baseURL, apiKey = "none"] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const messages = [{ role: "user", content: "Where is my order?" }];
const model = "policy:cheapest";
const say = (name, value) => console.log(JSON.stringify({ name, ...value }));

const chat = await client.chat.completions.create({ model, messages });
say("chat", { text: chat.choices[0].message.content, account: chat.policy_ir, usage: chat.usage });

const { data, response } = await client.chat.completions.create({ model, messages }).withResponse();
say("headers", { trace: response.headers.get("x-policy-ir-trace"), account: data.policy_ir });

let text = "";
let account = null;
let finish = null;
const stream = await client.chat.completions.create({
  model, messages, stream: true, stream_options: { include_usage: true },
});
let usage = null;
for await (const chunk of stream) {
  text += chunk.choices[0]?.delta?.content ?? "";
  finish = chunk.choices[0]?.finish_reason ?? finish;
  usage = chunk.usage ?? usage;
  account = chunk.policy_ir ?? account;
}
say("stream", { text, account, finish, usage });

const tools = [{
  type: "function",
  function: {
    name: "order_status",
    parameters: { type: "object", properties: { order: { type: "string" } }, required: ["order"] },
  },
}];
const called = await client.chat.completions.create({ model, messages, tools });
const [call] = called.choices[0].message.tool_calls;
say("tools", { function: call.function.name, arguments: JSON.parse(call.function.arguments) });

const json = await client.chat.completions.create({ model, messages, response_format: { type: "json_object" } });
say("json", { value: JSON.parse(json.choices[0].message.content) });

const listed = await client.models.list();
say("models", { ids: listed.data.map((one) => one.id) });

const policy = ["policy", ["cmp", "price_out", "lt", 0], ["zero"], ["argmax"], ["id"], ["always", { action: "abort" }]];
for (const [name, body] of Object.entries({
  unknown: { model: "policy:cheapst", messages },
  refused: { model: "policy:*", messages, policy_ir: ["polcy"] },
  nobody: { model: "policy:*", messages, policy_ir: policy },
})) {
  try {
    await client.chat.completions.create(body);
    say(name, { error: null });
  } catch (error) {
    say(name, { error: error.constructor.name, status: error.status, code: error.code, body: error.error });
  }
}
