import { useEffect, useState } from "preact/hooks";

import {
  logLevels,
  type LogLevelName,
  type LogLine,
  type Logs,
} from "../../../src/admin/contract.js";
import { Button } from "../components/button.js";
import { Card } from "../components/card.js";
import { Field, SelectField } from "../components/field.js";
import { newLines } from "./feed.js";
import { clockTime } from "./format.js";
import { Answered, usePolled } from "./polled.js";
import { Table } from "./table.js";

const mostShown = 300;

/** What all processes logged lately, the newest first. */
export function LogsTab() {
  const [level, setLevel] = useState<LogLevelName>("info");
  const [text, setText] = useState("");
  const [held, hold] = useState<readonly LogLine[]>();
  // what is held stays until it is let go, or something else is asked for
  useEffect(() => hold(undefined), [level, text]);
  const query = new URLSearchParams({ level, q: text, limit: String(mostShown) });
  const earlier = usePolled<Logs>(`/api/admin/logs?${query}`, 60_000);
  const linesAfter = ({ lines }: Logs): readonly LogLine[] => {
    const fresh = newLines.value.filter((line) => isWanted(line, level, text));
    const known = new Set(fresh.map(({ id }) => id));
    return [...fresh, ...lines.filter(({ id }) => !known.has(id))].slice(0, mostShown);
  };
  return (
    <Answered by={earlier}>
      {(logs) => {
        const lines = held ?? linesAfter(logs);
        const toggle = (
          <Button
            small
            aria-pressed={held !== undefined}
            onClick={() => hold(held ? undefined : lines)}
          >
            {held ? "Go on" : "Hold still"}
          </Button>
        );
        return (
          <Card title="Log" aside={toggle}>
            <div class="row filters">
              <SelectField
                label="Level, and above"
                value={level}
                onChange={(event) => setLevel(event.currentTarget.value as LogLevelName)}
              >
                {logLevels.map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </SelectField>
              <Field
                label="Text"
                type="search"
                value={text}
                onInput={(event) => setText(event.currentTarget.value)}
              />
            </div>
            <Table label="Lines" columns={["Time", "Level", "Message", "Process"]} boxClass="tall">
              {lines.map((line) => (
                <Line key={line.id} line={line} />
              ))}
            </Table>
            {lines.length === 0 && <p class="muted">No line is like that.</p>}
          </Card>
        );
      }}
    </Answered>
  );
}

function Line({ line }: { readonly line: LogLine }) {
  return (
    <tr>
      <td class="number">{clockTime(line.at)}</td>
      <td>
        <span class={`state level-${line.level}`}>{line.level}</span>
      </td>
      <td class="message">
        {line.category !== "" && <span class="muted">{line.category} </span>}
        {line.message}
        {line.meta !== "" && <div class="mono muted">{line.meta}</div>}
      </td>
      <td class="number">{line.process}</td>
    </tr>
  );
}

function isWanted(line: LogLine, level: LogLevelName, text: string): boolean {
  const whole = `${line.message} ${line.category} ${line.process} ${line.meta}`.toLowerCase();
  const urgent = logLevels.indexOf(line.level) <= logLevels.indexOf(level);
  return urgent && whole.includes(text.toLowerCase());
}
