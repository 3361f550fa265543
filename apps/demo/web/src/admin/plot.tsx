import { useEffect, useRef } from "preact/hooks";
import UPlot from "uplot";

import "uplot/dist/uPlot.min.css";

import type { ProcessSeries } from "../../../src/admin/contract.js";
import { columnsOf, summaryOf, type Pick } from "./series.js";

/** What a plot shows. */
export interface PlotProps {
  readonly title: string;
  readonly processes: readonly ProcessSeries[];
  readonly pick: Pick;
  readonly format: (value: number) => string;
}

const height = 170;
const shownSeconds = 600;

/** A line for each process over the last ten minutes, with a table of the same for who can't see it. */
export function Plot({ title, processes, pick, format }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  // a process that comes or goes, or other colours, make another plot; a new second only other data
  const names = processes.map(({ process }) => process.name).join();

  useEffect(() => {
    const element = box.current!;
    const make = (): void => {
      plot.current?.destroy();
      plot.current = new UPlot(
        optionsOf(element, processes, format),
        columnsOf(processes, pick),
        element,
      );
    };
    make();
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height }),
    );
    resized.observe(element);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", make);
    return () => {
      dark.removeEventListener("change", make);
      resized.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [names]);

  useEffect(() => plot.current?.setData(columnsOf(processes, pick)), [processes]);

  const shown = (value: number | undefined): string => (value === undefined ? "–" : format(value));
  return (
    <figure class="plot card">
      <figcaption>{title}</figcaption>
      <div ref={box} class="plot-box" aria-hidden="true" />
      <table>
        <caption class="visually-hidden">{title}, in the last ten minutes</caption>
        <thead>
          <tr>
            <th scope="col">Process</th>
            <th scope="col">Now</th>
            <th scope="col">Mean</th>
            <th scope="col">Most</th>
          </tr>
        </thead>
        <tbody>
          {processes.map((series, at) => {
            const { name, now, mean, most } = summaryOf(series, pick);
            return (
              <tr key={series.process.id}>
                <th scope="row">
                  <span class={`swatch swatch-${at % colours}`} aria-hidden="true" />
                  {name}
                </th>
                <td>{shown(now)}</td>
                <td>{shown(mean)}</td>
                <td>{shown(most)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </figure>
  );
}

const colours = 6;

function optionsOf(
  element: HTMLElement,
  processes: readonly ProcessSeries[],
  format: (value: number) => string,
): UPlot.Options {
  const colour = (name: string): string => resolved(element, name);
  const [line, text] = [colour("--line"), colour("--text-muted")];
  const font = `12px ${getComputedStyle(element).fontFamily}`;
  const axis = { stroke: text, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height,
    cursor: { show: false },
    legend: { show: false },
    scales: {
      x: { range: (_plot, _from, to) => [to - shownSeconds, to] },
      y: { range: (_plot, _from, to) => [0, to > 0 ? to * 1.15 : 1] },
    },
    axes: [
      { ...axis, grid: { show: false }, values: "{HH}:{mm}", space: 90, size: 28 },
      { ...axis, size: 62, values: (_plot, values) => values.map(format) },
    ],
    series: [
      {},
      ...processes.map((_series, at) => ({
        stroke: colour(`--plot-${at % colours}`),
        width: 1.75,
        points: { show: false },
        spanGaps: true,
      })),
    ],
  };
}

/** A colour as a canvas takes it: the value of `light-dark()` that holds now. */
function resolved(element: HTMLElement, name: string): string {
  const before = element.style.color;
  element.style.color = `var(${name})`;
  const { color } = getComputedStyle(element);
  element.style.color = before;
  return color;
}
