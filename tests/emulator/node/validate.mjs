// Checks signatures with Twilio's Node SDK: reads a list of {url, params, body, signature}, prints a list of booleans.
import { readFileSync } from "node:fs";
import twilio from "twilio";

const verdict = ({ url, params, body, signature }) =>
  body === null
    ? twilio.validateRequest(process.env.AUTH_TOKEN, signature, url, params)
    : twilio.validateRequestWithBody(process.env.AUTH_TOKEN, signature, url, body);
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(verdict)));
