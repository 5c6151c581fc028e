// Calls a router over the sandbox with OpenAI's own client and prints what came back, one JSON value per line.
// usage: node call.js BASE_URL API_KEY

import OpenAI from "openai";

const [baseURL, apiKey] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey });
const model = "policy:cheapest";
const messages = [{ role: "user", content: "Where is my order?" }];
const tools = [{
  type: "function",
  function: {
    name: "order_status",
    parameters: { type: "object", properties: { order: { type: "string" } }, required: ["order"] },
  },
}];
const nobody = ["policy", ["cmp", "price_out", "lt", 0], ["zero"], ["argmax"], ["id"], ["always", { action: "abort" }]];

const say = (name, value) => console.log(JSON.stringify({ name, ...value }));
const create = (body, options) => client.chat.completions.create({ model, messages, ...body }, options);
const text = (chunk) => chunk.choices[0]?.delta?.content ?? "";

// What came until an error, and the error.
async function broken(name, call) {
  let said = "";
  try {
    const answer = await call();
    if (answer[Symbol.asyncIterator]) for await (const chunk of answer) said += text(chunk);
    say(name, { said, error: null });
  } catch (error) {
    const { status, code, type, requestID, error: body } = error;
    say(name, { said, error: error.constructor.name, status, code, type, requestID, body });
  }
}

// --- answers

const { data, response } = await create().withResponse();
say("chat", {
  text: data.choices[0].message.content,
  usage: data.usage,
  account: data.policy_ir,
  request: data._request_id,
  trace: response.headers.get("x-policy-ir-trace"),
});

const twice = await create({ n: 2 });
say("twice", { count: twice.choices.length });

const options = { session: "s", seed: 7, requirements: { needs: ["reasoning"] } };
const rules = ["policy", ["meets_req"], ...nobody.slice(2)];
const inline = await create({ model: "policy:*", policy_ir: rules, policy_options: options });
say("inline", { account: inline.policy_ir });

const listed = [];
for await (const one of client.models.list()) listed.push(one.id);
say("models", { ids: listed });

// --- streams

const chunks = [];
const stream = await create({ stream: true, stream_options: { include_usage: true } });
for await (const chunk of stream) chunks.push(chunk);
say("stream", {
  text: chunks.map(text).join(""),
  finish: chunks.map((chunk) => chunk.choices[0]?.finish_reason).filter(Boolean),
  usage: chunks.at(-1).usage,
  account: chunks.at(-1).policy_ir,
});

const events = client.chat.completions.stream({ model, messages });
let deltas = "";
events.on("content", (delta) => { deltas += delta; });
say("events", { text: await events.finalContent(), deltas });

// --- tools and JSON

const called = await create({ tools });
const asked = called.choices[0].message;
const answers = asked.tool_calls.map((call) => ({ role: "tool", tool_call_id: call.id, content: "it is on its way" }));
const told = await create({ tools, messages: [...messages, asked, ...answers] });
say("tools", {
  finish: called.choices[0].finish_reason,
  calls: asked.tool_calls.map((call) => call.function),
  text: told.choices[0].message.content,
});

const running = client.chat.completions.runTools({
  model,
  messages,
  tools: [{
    type: "function",
    function: { ...tools[0].function, parse: JSON.parse, function: ({ order }) => `found ${typeof order}` },
  }],
  stream: true,
});
say("runner", { text: await running.finalContent() });

const json = await create({ response_format: { type: "json_object" } });
say("json", { value: JSON.parse(json.choices[0].message.content) });

const schema = { type: "object", properties: { number: { type: "integer" } }, required: ["number"] };
const format = { type: "json_schema", json_schema: { name: "order", schema, strict: true } };
const parsed = await client.chat.completions.parse({ model, messages, response_format: format });
say("schema", { value: JSON.parse(parsed.choices[0].message.content), account: parsed.policy_ir });

// --- errors

const once = { maxRetries: 0 };
const failing = { model: "east/small" };
await broken("refused", () => create({ model: "policy:*", policy_ir: ["polcy"] }));
await broken("unknown", () => create({ model: "policy:cheapst" }));
await broken("nobody", () => create({ model: "policy:*", policy_ir: nobody }));
await broken("nobody streamed", () => create({ model: "policy:*", policy_ir: nobody, stream: true }));
await broken("limited", () => create({ ...failing, x_sandbox_fault: "rate_limit" }, once));
await broken("down", () => create({ ...failing, x_sandbox_fault: "server_error" }, once));
await broken("too long", () => create({ ...failing, x_sandbox_fault: "context_overflow" }, once));
await broken("wrong key", () => client.withOptions({ apiKey: "pir_wrong" }).chat.completions.create({ model, messages }));
await broken("cut", () => create({ model: "policy:resilient", stream: true, x_sandbox_fault: "cut:after=3" }));
await broken("impatient", () => create({ ...failing, x_sandbox_fault: "silence" }, { ...once, timeout: 250 }));

// --- flows

const only = (candidate) => ["policy", ["tag_in", "id", [candidate]], ...nobody.slice(2)];
const node = (candidate, ...inputs) => ["llm", { system: "", policy: only(candidate), inputs }];
const graph = (draft, verify) => ["flow", {
  ask: ["input"],
  draft: node(draft, "ask"),
  verify: node(verify, "draft"),
  out: ["output", "verify"],
}];
const flow = { model: "flow:*", flow_ir: graph("west/tiny", "north/large") };

const whole = await create(flow).withResponse();
say("flow", {
  text: whole.data.choices[0].message.content,
  account: whole.data.policy_ir,
  request: whole.data._request_id,
  flow: whole.response.headers.get("x-policy-ir-flow"),
});

const byName = await create({ model: "flow:draft-and-verify" });
say("flow by name", { account: byName.policy_ir });

const pieces = [];
for await (const chunk of await create({ ...flow, stream: true })) pieces.push(chunk);
say("flow streamed", {
  text: pieces.map(text).join(""),
  accounts: pieces.filter((chunk) => chunk.policy_ir).length,
  account: pieces.at(-1).policy_ir,
});

const last = await create({ ...flow, tools });
say("flow with tools", { calls: last.choices[0].message.tool_calls.map((call) => call.function.name) });

const shaped = await client.chat.completions.parse({ ...flow, messages, response_format: format });
say("flow with a schema", { value: shaped.choices[0].message.parsed });

await broken("flow refused", () => create({ ...flow, flow_ir: graph("west/tiny", "north/large").slice(0, 1) }));
await broken("flow unknown", () => create({ model: "flow:draft-and-verfy" }));
await broken("flow with nobody", () => create({ ...flow, flow_ir: graph("west/tiny", "no/body") }));
// Only the last node passes on what the body has for a provider, the fault included.
await broken("flow failed", () => create({ ...flow, x_sandbox_fault: "overloaded" }, once));
await broken("flow cut", () => create({ ...flow, stream: true, x_sandbox_fault: "cut:after=3" }));
const hasty = { policy_options: { deadline_ms: 250 } };
await broken("flow late", () => create({ ...flow, ...hasty, x_sandbox_fault: "silence" }, once));

// --- a caller who goes

const left = await create({ model: "north/large", stream: true, x_sandbox_fault: "stall:after=3" });
for await (const chunk of left) if (text(chunk)) break;
say("left", {});
