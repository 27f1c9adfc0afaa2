/**
 * The smallest @slack/bolt app that listens: `bolt.js PORT`.
 * Plain JavaScript, so that its start-up holds no type stripping, as that of dist/ does not.
 */
import { App, LogLevel } from '@slack/bolt';

const [, , port] = process.argv;
const app = new App({
  token: 'xoxb-bench',
  signingSecret: 'bench',
  tokenVerificationEnabled: false,
  logLevel: LogLevel.ERROR,
});
await app.start({ port: Number(port), host: '127.0.0.1' });
