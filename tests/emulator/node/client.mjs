// Drives the emulator with Twilio's Node SDK and prints what it saw as one JSON object.
import twilio from "twilio";

const { EMULATOR, ACCOUNT_SID, AUTH_TOKEN, PEER, NUMBER, STAFF } = process.env;

class ToEmulator extends twilio.RequestClient {
  request(options) {
    const uri = options.uri.replace(/^https:\/\/(api|messaging)\.twilio\.com/, EMULATOR);
    return super.request({ ...options, uri });
  }
}

const client = twilio(ACCOUNT_SID, AUTH_TOKEN, { httpClient: new ToEmulator() });
const refusal = async (work) => {
  try {
    await work();
    return null;
  } catch (error) {
    return [error.status, error.code];
  }
};

const message = await client.messages.create({ to: STAFF, from: NUMBER, body: "From Node", statusCallback: `${PEER}/ms` });
const call = await client.calls.create({
  to: STAFF,
  from: NUMBER,
  url: `${PEER}/page`,
  statusCallback: `${PEER}/cs`,
  statusCallbackEvent: ["initiated", "ringing", "answered", "completed"],
});
const canceled = await client.calls(call.sid).update({ status: "canceled" });
const service = await client.messaging.v1.services.create({ friendlyName: "Node" });
const participant = await client.conferences("node-room").participants.create({ from: NUMBER, to: STAFF, label: "staff" });
const queue = await client.queues.create({ friendlyName: "node" });
for (let n = 0; n < 4; n += 1) await client.messages.create({ to: STAFF, from: NUMBER, body: `page ${n}` });
const listed = await client.messages.list({ to: STAFF, pageSize: 2, limit: 5 });

const voice = new twilio.twiml.VoiceResponse();
const gather = voice.gather({ numDigits: 1, action: "/key", input: "dtmf speech", speechTimeout: "auto" });
gather.say({ language: "es-MX", voice: "Polly.Mia" }, "Oprima uno");
voice.redirect("/again");
const text = new twilio.twiml.MessagingResponse();
text.message("Two ").body("parts & <marks>");

console.log(
  JSON.stringify({
    message: [message.sid, message.status, message.numSegments, message.dateCreated instanceof Date],
    call: [call.sid, call.status, canceled.status, call.direction],
    service: service.sid,
    participant: [participant.callSid, participant.label, participant.status],
    queue: queue.currentSize,
    listed: listed.map((one) => one.body),
    refusals: {
      message: await refusal(() => client.messages.create({ to: "nobody", from: NUMBER, body: "x" })),
      call: await refusal(() => client.calls("CA" + "0".repeat(32)).fetch()),
      token: await refusal(() => twilio(ACCOUNT_SID, "wrong", { httpClient: new ToEmulator() }).messages("SM1").fetch()),
    },
    voice: voice.toString(),
    text: text.toString(),
  }),
);
