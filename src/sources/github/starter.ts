/** Holds what `init` writes for GitHub. */
import type { Starter } from '../source-type.ts';

const routes = (
  channel: string,
) => `  # GitHub: a card for each issue and pull request, updated in place; comments and reviews go into its thread.
  - name: issue or pull request
    source: github
    on: ["issues.*", "pull_request.*"]
    card: { channel: ${channel}, template: github_card }

  - name: comment or review
    source: github
    on: [issue_comment.created, pull_request_review.submitted, pull_request_review_comment.created]
    when: event.message.text != null && event.actor.kind != "bot"
    reply: { channel: ${channel}, template: github_comment }

  # GitHub sends no e-mail address. Once people.map has the logins of your team, as in { octocat: U024BE7LH }:
  # - name: tell the assignee
  #   source: github
  #   on: [issues.assigned, pull_request.assigned]
  #   dm: { to: event.assignees.added, template: github_card }

  - name: quiet on GitHub
    source: github
    on: [ping, push, "check_*", "workflow_*"]
    stop: true # remove what you want to see
`;

const cases = (channel: string) => `  - name: a new issue becomes a card
    sample: issues.opened
    expect:
      routes: [issue or pull request]
      deliveries:
        - { verb: card, channel: ${channel}, text: { contains: ["Export times out for large accounts", "open"] } }

  - name: a comment goes into the card's thread
    sample: issue_comment.created
    expect:
      deliveries:
        - { verb: reply, channel: ${channel}, text: { contains: I can reproduce this. } }

  - name: a merged pull request says so
    sample: pull_request.closed
    expect:
      deliveries:
        - { verb: card, text: { contains: merged } }

  - name: nothing is said of a push
    sample: push
    expect: { nothing: true }
`;

const CARD = `# The card of an issue or a pull request on GitHub: posted once, then updated in place. Its thread holds what is said about it.
summary: >-
  {{ event.action.title | default: event.subject | default: "Something on GitHub" }}
  {%- if event.action.status %} is {{ event.action.status }}{% endif %}
blocks:
  - type: section
    text:
      type: mrkdwn
      text: '*{{ event.action.title | default: event.subject | default: "Something on GitHub" | link: event.action.url }}*'
  - type: section
    fields:
      - when: event.action.status != null
        type: mrkdwn
        text: "*Status*\\n{{ event.action.status }}"
      - when: size(event.assignees.current) > 0
        type: mrkdwn
        text: "*Assigned to*\\n{{ event.assignees.current | mention }}"
      - when: event.action.due_at != null
        type: mrkdwn
        text: "*Due*\\n{{ event.action.due_at | slack_date }}"
  - type: section
    when: event.action.description != null
    text: { type: mrkdwn, text: "{{ event.action.description | truncate_chars: 600 | mrkdwn }}" }
  - type: context
    elements:
      - when: event.subject != null
        type: mrkdwn
        text: "{{ event.subject }}"
      - when: event.actor != null
        type: mrkdwn
        text: "{{ event.actor }}"
      - when: event.occurred_at != null
        type: mrkdwn
        text: "{{ event.occurred_at | slack_date }}"
`;

const COMMENT = `# What somebody wrote about an issue or a pull request on GitHub, or how they reviewed it: a reply in the card's thread.
summary: >-
  {% assign author = event.message.author | default: event.actor | default: "Somebody" -%}
  {{ author }}{% if event.message.text %}: {{ event.message.text }}{% else %} wrote a comment{% endif %}
text: |-
  {% assign author = event.message.author | default: event.actor | default: "Somebody" -%}
  *{{ author }}*{% if event.payload.review.state %} ({{ event.payload.review.state }}){% endif %}
  {{ event.message.text | mrkdwn }}
`;

export const GITHUB_STARTER: Starter = {
  byDefault: false,
  templates: ['thread_root'],
  ownTemplates: { github_card: CARD, github_comment: COMMENT },
  hints: '',
  routes,
  cases,
};
