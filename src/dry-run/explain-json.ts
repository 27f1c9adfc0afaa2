/** A dry run as scripts read it: names that stay, times in ISO 8601. */
import type { RenderedMessage } from '../core/message.ts';
import type { Decision } from '../language/decision.ts';
import type { DeliveryPreview, DryRun, RouteResult } from './dry-run.ts';
import { builderUrl, plainText } from './plain.ts';
import { verdictText, whereText } from './wording.ts';

export function explainJson({ event, at, notes, routes }: DryRun) {
  return { event, at: iso(at), notes, routes: routes.map(routeJson) };
}

function routeJson({ name, verdict, quiet, deliveries, notes }: RouteResult) {
  return {
    name,
    taken: verdict.kind === 'taken',
    /** `taken`, `condition`, `undecided`, `other_source`, `other_topic`, `already_taken`, `stopped` */
    why: verdict.kind.replaceAll('-', '_'),
    detail: verdictText(verdict),
    by: 'by' in verdict ? verdict.by : null,
    decided: 'because' in verdict ? decisionJson(verdict.because) : null,
    quiet_until: quiet === null ? null : iso(quiet.until),
    urgent: quiet === null ? null : decisionJson(quiet.urgent),
    passes_quiet_hours: quiet?.passes ?? false,
    deliveries: deliveries.map(deliveryJson),
    notes,
  };
}

function decisionJson(decision: Decision | null) {
  if (decision === null) return null;
  const { part, evaluation, looked } = decision;
  const values = looked.map(({ field, evaluation: one }) => ({ field, ...valueJson(one) }));
  return { part, ...valueJson(evaluation), looked_at: values };
}

function valueJson(evaluation: Decision['evaluation']) {
  return evaluation.ok ? { value: evaluation.value, missing: null } : { value: null, missing: evaluation.reason };
}

function deliveryJson({ target, heldUntil, threshold, slackUser, message, root, fault, remarks }: DeliveryPreview) {
  return {
    ...target,
    /** What it does, in words. */
    words: whereText(target),
    /** Of a DM's reader; null for nobody, and where Slack would be asked. */
    slack_user: slackUser ?? null,
    held_until: heldUntil === null ? null : iso(heldUntil),
    at_least: threshold === null ? null : { count: threshold.count, within_ms: threshold.withinMs },
    message: messageJson(message),
    thread_root: messageJson(root),
    fault,
    remarks,
  };
}

export function messageJson(message: RenderedMessage | null) {
  if (message === null) return null;
  const { text, summary, blocks = null, color = null } = message;
  return { plain: plainText(message), text, summary, blocks, color, builder_url: builderUrl(message) };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
