/** Holds what `init` writes for Allo. */
import type { Starter } from '../source-type.ts';

const routes = (channel: string, quiet: string) => `  # Allo: what became of a call, and texts.
  - name: voicemail
    source: allo
    on: call.completed
    when: event.payload.data.result == "VOICEMAIL"
    stop: true # so that "call ended" does not report it again
    post: { channel: ${channel}, template: voicemail }
${quiet}
  - name: call ended
    source: allo
    on: call.completed
    post: { channel: ${channel}, template: call_completed }

  - name: text in
    source: allo
    on: [sms.received, SMS_RECEIVED]
    post: { channel: ${channel}, template: sms_received }
${quiet}`;

const cases = (channel: string, atNight: boolean) => `  - name: a call is over
    sample: call.completed
    expect:
      routes: [call ended]
      deliveries:
        - { verb: post, channel: ${channel}, text: { contains: Answered } }

  - name: a voicemail is told as one
    sample: { topic: call.completed, with: { data: { result: VOICEMAIL } } }
    expect:
      routes: [voicemail]
      deliveries:
        - { verb: post, channel: ${channel}, text: { contains: Voicemail } }

  - name: a text comes in
    sample: sms.received
    expect:
      deliveries:
        - { route: text in, channel: ${channel}, held_until: false }
${atNight ? NIGHT_TEXT : ''}`;

const NIGHT_TEXT = `
  - name: a text at night, in the morning
    sample: sms.received
    at: "23:00"
    expect:
      deliveries:
        - { route: text in, held_until: "08:00" }
`;

export const ALLO_STARTER: Starter = {
  byDefault: true,
  templates: ['voicemail', 'call_completed', 'sms_received'],
  hints: `    # What must not be kept, and cannot be shown either:
    # redact: [data.recording_url, data.person.numbers]
`,
  routes,
  cases,
};
