/**
 * What Slack takes: every size in one table. Lengths are in UTF-16 units of the text as it is sent, escapes included.
 */
export const MESSAGE_LIMITS = {
  /** Longer texts are silently split into several messages. */
  text: 4000,
  /** Ours: one line of a notification, or of a digest. */
  summary: 300,
  blocks: 50,
  /** All blocks together; Slack refuses somewhere above. */
  blockText: 9000,
} as const;

/** A text object wherever nothing else is said. */
export const LONGEST_TEXT_OBJECT = 3000;

export interface ObjectLimits {
  /** Keys that hold text (a string, a text object, or a list of them): the longest. */
  readonly texts?: Readonly<Record<string, number>>;
  /** Keys that hold a list: the most items. */
  readonly lists?: Readonly<Record<string, number>>;
  /** Keys that hold a URL, which cannot be cut: the longest. */
  readonly urls?: Readonly<Record<string, number>>;
  /** Of each group at least one has to be there, and not empty. */
  readonly needs?: readonly (readonly string[])[];
  /** Keys whose text object has to be plain_text, on one line. */
  readonly plain?: readonly string[];
  /** All keys it can have, beside its type and ids; Slack refuses others. Not known of every object. */
  readonly keys?: readonly string[];
}

const BUTTON = {
  texts: { text: 75, value: 2000, accessibility_label: 75 },
  urls: { url: 3000 },
  keys: ['text', 'url', 'value', 'style', 'confirm', 'accessibility_label', 'workflow'],
} as const;

/** Blocks, and the elements within them, by `type`. */
export const OBJECT_LIMITS: Readonly<Record<string, ObjectLimits>> = {
  header: { texts: { text: 150 }, needs: [['text']], plain: ['text'], keys: ['text'] },
  divider: { keys: [] },
  section: {
    texts: { text: 3000, fields: 2000 },
    lists: { fields: 10 },
    needs: [['text', 'fields']],
    keys: ['text', 'fields', 'accessory', 'expand'],
  },
  context: { texts: { elements: 3000 }, lists: { elements: 10 }, needs: [['elements']], keys: ['elements'] },
  actions: { lists: { elements: 25 }, needs: [['elements']], keys: ['elements'] },
  context_actions: { lists: { elements: 5 }, needs: [['elements']] },
  image: {
    texts: { alt_text: 2000, title: 2000 },
    urls: { image_url: 3000 },
    needs: [['image_url', 'slack_file'], ['alt_text']],
    plain: ['title'],
    keys: ['image_url', 'slack_file', 'alt_text', 'title'],
  },
  video: {
    texts: { title: 199, description: 199, alt_text: 2000, author_name: 49, provider_name: 49 },
    urls: { video_url: 3000, thumbnail_url: 3000, title_url: 3000, provider_icon_url: 3000 },
    needs: [['video_url'], ['thumbnail_url'], ['title'], ['alt_text']],
    plain: ['title', 'description'],
  },
  markdown: { texts: { text: 9000 }, needs: [['text']] },
  rich_text: { needs: [['elements']] },
  rich_text_section: { needs: [['elements']] },
  rich_text_list: { needs: [['elements']] },
  rich_text_quote: { needs: [['elements']] },
  rich_text_preformatted: { needs: [['elements']] },
  text: { texts: { text: 3000 }, needs: [['text']] },
  link: { texts: { text: 3000 }, urls: { url: 3000 }, needs: [['url']] },
  table: { lists: { rows: 100 }, needs: [['rows']] },
  button: { ...BUTTON, needs: [['text']], plain: ['text'] },
  workflow_button: { ...BUTTON, needs: [['text']], plain: ['text'] },
};

/** Columns of a table; its rows are in the table above. */
export const MOST_COLUMNS = 20;

/** What is chosen in these is sent to an address of the app, and this app has none. */
export const INTERACTIVE: ReadonlySet<string> = new Set([
  'checkboxes',
  'radio_buttons',
  'static_select',
  'users_select',
  'conversations_select',
  'channels_select',
  'external_select',
  'multi_static_select',
  'multi_users_select',
  'multi_conversations_select',
  'multi_channels_select',
  'multi_external_select',
  'datepicker',
  'timepicker',
  'datetimepicker',
]);

/** The two text objects. */
export const TEXT_KEYS: Readonly<Record<string, readonly string[]>> = {
  mrkdwn: ['text', 'verbatim'],
  plain_text: ['text', 'emoji'],
};

/** Keys of any block or element. */
export const ID_LIMITS: Readonly<Record<string, number>> = { block_id: 255, action_id: 255 };

/** The blocks that a message may hold. */
export const BLOCK_TYPES: readonly string[] = [
  'actions',
  'alert',
  'card',
  'carousel',
  'container',
  'context',
  'context_actions',
  'data_table',
  'data_visualization',
  'divider',
  'file',
  'header',
  'image',
  'input',
  'markdown',
  'plan',
  'rich_text',
  'section',
  'table',
  'task_card',
  'video',
];

/** Known within blocks, for "did you mean"; others are let through, because Slack's list grows. */
export const ELEMENT_TYPES: readonly string[] = [
  ...Object.keys(OBJECT_LIMITS),
  'mrkdwn',
  'plain_text',
  'raw_text',
  'user',
  'usergroup',
  'channel',
  'emoji',
  'date',
  'broadcast',
  'color',
  'overflow',
  'checkboxes',
  'radio_buttons',
  'static_select',
  'users_select',
  'conversations_select',
  'channels_select',
  'external_select',
  'datepicker',
];
