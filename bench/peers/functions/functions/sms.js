// The tutorial's menu as a Twilio Function; no memory and no staff. The runtime gives `Twilio` as a global.
const ANSWERS = {
  1: "Is anyone in danger right now? 1 yes, 2 no.",
  2: "Questions: 1 is ketamine an opioid? 2 how does it differ?",
  4: "Programs: 1 day program, 2 evening program.",
};

exports.handler = (context, event, callback) => {
  const answer = new Twilio.twiml.MessagingResponse();
  answer.message(ANSWERS[(event.Body || "").trim()] || "Reply 1 help, 2 questions, 4 programs.");
  callback(null, answer);
};
