import { type RawBuilder, type SqlBool, sql } from 'kysely';

type Text = RawBuilder<string | null>;

/** How each database says what it is to look for in an event. Of a `text`, the ASCII letters are lower case. */
export interface FindText {
  inColumn(column: 'id' | 'subject', text: Text): RawBuilder<SqlBool>;
  /** In the beginning of its body. */
  inBody(text: Text): RawBuilder<SqlBool>;
  /** Whether the topic is like what `patternOf` makes of a name in which `*` stands for any run of characters. */
  topicLike(pattern: Text): RawBuilder<SqlBool>;
  patternOf(glob: string): string;
  /** The numbers of a list that is given as JSON. */
  listed(json: RawBuilder<string>): RawBuilder<number>;
}

/** What is looked at of a body, in bytes: with the number of events it bounds how long a search keeps others waiting. */
const LOOKED_AT = sql.lit(16_384);

export const FIND_IN_SQLITE: FindText = {
  // Not by LIKE, for which a text ends at U+0000.
  inColumn: (column, text) => sql`instr(lower(events.${sql.ref(column)}), ${text}) > 0`,
  inBody: (text) => sql`instr(lower(cast(substr(events.body, 1, ${LOOKED_AT}) as text)), ${text}) > 0`,
  topicLike: (pattern) => sql`events.topic glob ${pattern}`,
  patternOf: (glob) => glob.replaceAll(/[?[]/g, '[$&]'),
  listed: (json) => sql`(select value from json_each(${json}))`,
};

export const FIND_IN_POSTGRES: FindText = {
  inColumn: (column, text) => sql`position(${text} in lower(events.${sql.ref(column)})) > 0`,
  // A body need not be UTF-8, which a text has to be: so both are compared with what is not ASCII written as escapes.
  inBody: (text) =>
    sql`position(encode(convert_to(${text}, 'UTF8'), 'escape')
      in lower(encode(substring(events.body from 1 for ${LOOKED_AT}), 'escape'))) > 0`,
  topicLike: (pattern) => sql`events.topic like ${pattern}`,
  patternOf: (glob) => glob.replaceAll(/[\\%_]/g, '\\$&').replaceAll('*', '%'),
  listed: (json) => sql`(select value::bigint from json_array_elements_text(${json}::json))`,
};
