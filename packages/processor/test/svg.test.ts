import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { cleanSvg, ImageService } from "../src/image.js";
import { photo, pixelAt, rejection } from "./images.js";
import { temporaryFolder } from "./temporary-folder.js";

const images = new ImageService();
beforeAll(() => images.start());
afterAll(() => images.stop());

const svg = (body: string, attributes = ""): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="40" ${attributes}>${body}</svg>`;

const unsafe: Readonly<Record<string, string>> = {
  "a script": svg("<script>alert(1)</script>"),
  "an event handler": svg('<rect width="4" height="4" onload="alert(1)"/>'),
  "an image of a host": svg('<image href="http://127.0.0.1:1/x.png" width="4" height="4"/>'),
  "an image of a file": svg('<image xlink:href="file:///etc/passwd" width="4" height="4"/>'),
  "an image beside it": svg('<image href="secret.png" width="40" height="40"/>'),
  "an image within": svg('<image href="data:image/png;base64,AAAA" width="4" height="4"/>'),
  "a use of another file": svg('<use href="other.svg#a"/>'),
  "a link that runs something": svg('<a href="javascript:alert(1)"><rect/></a>'),
  "a style that loads": svg('<style>@import "http://127.0.0.1:1/x.css";</style>'),
  "a fill that loads": svg('<rect fill="url(http://127.0.0.1:1/x#a)"/>'),
  "a style attribute that loads": svg('<rect style="fill: url(&quot;file:///etc/passwd&quot;)"/>'),
  "a style with escapes": svg("<style>rect { fill: u\\72l(http://127.0.0.1:1/x) }</style>"),
  "embedded HTML": svg(
    "<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>",
  ),
  "a filter that loads": svg('<filter id="f"><feImage href="http://127.0.0.1:1/x.png"/></filter>'),
  "a style sheet": `<?xml-stylesheet href="http://127.0.0.1:1/x.css"?>${svg("")}`,
  "parts that use each other": svg('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>'),
  "more than 100 levels": svg(`${"<g>".repeat(120)}${"</g>".repeat(120)}`),
};

const entities: Readonly<Record<string, string>> = {
  "an entity of a file": `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>${svg("<text>&x;</text>")}`,
  "a billion laughs": `<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${svg("<text>&b;</text>")}`,
};

describe("ImageService, SVG", () => {
  it.each(Object.entries(unsafe))("refuses %s", async (_name, content) => {
    const error = await rejection(images.process(Buffer.from(content), { width: 20 }));
    expect(error).toMatchObject({ code: "ERR_PROCESSOR_UNSAFE_SVG", status: 422 });
  });

  it("refuses what refers to files and hosts within 50 ms", async () => {
    const content = Buffer.from(unsafe["an image of a file"]!);
    let quickest = Infinity;
    for (let turn = 0; turn < 5; turn += 1) {
      const startedAt = performance.now();
      await rejection(images.process(content, { width: 20 }));
      quickest = Math.min(quickest, performance.now() - startedAt);
    }
    expect(quickest).toBeLessThan(50);
  });

  it("refuses parts that multiply when they are used", async () => {
    const levels = Array.from({ length: 10 }, (_, at) => {
      const uses = `<use href="#g${at}"/>`.repeat(10);
      return `<g id="g${at + 1}">${uses}</g>`;
    });
    const bomb = svg(
      `<defs><rect id="g0" width="1" height="1"/>${levels.join("")}</defs><use href="#g10"/>`,
    );
    const error = await rejection(images.process(Buffer.from(bomb), { width: 20 }));
    expect(error).toMatchObject({ details: { limit: "maxSvgElements" } });
  });

  it("makes pixels of a safe one", async () => {
    const safe = svg(
      '<defs><linearGradient id="g"><stop stop-color="#f00"/></linearGradient></defs><rect width="40" height="40" fill="url(#g)"/>',
    );
    const image = await images.process(Buffer.from(safe), { width: 20 });
    expect(image).toMatchObject({ format: "png", width: 20, height: 20 });
    expect((await pixelAt(image.data, 10, 10)).slice(0, 3)).toEqual([255, 0, 0]);
  });

  it("fetches nothing and reads nothing, also when told to go on without the unsafe parts", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url!);
      response.end();
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const folder = await temporaryFolder();
      await writeFile(join(folder, "red.png"), await photo(40, 40, "png"));
      const file = pathToFileURL(join(folder, "red.png")).href;
      const body = [`http://127.0.0.1:${port}/x.png`, file, "red.png"]
        .map((href) => `<image href="${href}" width="40" height="40"/>`)
        .join("");
      const path = join(folder, "drawing.svg");
      await writeFile(path, svg(`<rect width="40" height="40" fill="#00f"/>${body}`));
      const cleaning = new ImageService({ svg: "clean" });
      const image = await cleaning.process({ path }, {});
      // neither of the images hides the blue
      expect((await pixelAt(image.data, 20, 20)).slice(0, 3)).toEqual([0, 0, 255]);
      expect(asked).toEqual([]);
    } finally {
      server.close();
    }
  });

  it("takes none at all with svg: refuse", async () => {
    const none = new ImageService({ svg: "refuse" });
    const error = await rejection(none.metadata(Buffer.from(svg(""))));
    expect(error.code).toBe("ERR_PROCESSOR_UNSUPPORTED_FORMAT");
  });

  it("bounds the size that it says, and its bytes", async () => {
    const wide = svg("")
      .replace('width="40"', 'width="1000000"')
      .replace('height="40"', 'height="1000000"');
    const error = await rejection(images.process(Buffer.from(wide), { width: 20 }));
    expect(error.code).toMatch(/ERR_PROCESSOR_(LIMIT|CORRUPT)/);
    const small = new ImageService({ maxSvgSize: 100 });
    expect(await rejection(small.metadata(Buffer.from(svg(""))))).toMatchObject({
      details: { limit: "maxSvgSize" },
    });
  });
});

describe("cleanSvg()", () => {
  it.each(Object.entries(entities))("refuses %s, as the service does", async (_name, content) => {
    expect((await rejection(cleanSvg(content))).code).toBe("ERR_PROCESSOR_UNSAFE_SVG");
    const error = await rejection(images.process(Buffer.from(content), {}));
    expect(error.code).toMatch(/^ERR_PROCESSOR_(UNSAFE_SVG|UNSUPPORTED_FORMAT)$/);
  });

  it.each(Object.entries(unsafe).slice(0, 15))(
    "leaves out %s, and says so",
    async (_name, content) => {
      const cleaned = await cleanSvg(content);
      expect(cleaned.unsafe.length).toBeGreaterThan(0);
      expect(cleaned.svg).not.toMatch(
        /script|alert|127\.0\.0\.1|passwd|secret|other\.svg|foreign|@import|data:/,
      );
      // what is left needs no more cleaning, and means the same again
      expect(await cleanSvg(cleaned.svg)).toEqual({ svg: cleaned.svg, unsafe: [] });
    },
  );

  it("keeps shapes, text, styles and references to its own parts", async () => {
    const body =
      '<style>.a { fill: url(#p); stroke: red }</style><defs><path id="p" d="M0 0L1 1"/></defs><use xlink:href="#p"/><text class="a" xml:space="preserve">1 &lt; 2 &amp; "3"</text>';
    const cleaned = await cleanSvg(svg(body, 'viewBox="0 0 4 4"'));
    expect(cleaned.unsafe).toEqual([]);
    for (const kept of [
      "fill: url(#p); stroke: red",
      'd="M0 0L1 1"',
      'xlink:href="#p"',
      'viewBox="0 0 4 4"',
      "1 &lt; 2 &amp; ",
      'xml:space="preserve"',
    ]) {
      expect(cleaned.svg).toContain(kept);
    }
  });

  it("leaves out what editors left behind without calling it unsafe", async () => {
    const content = `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">${svg(
      '<metadata><x xmlns="urn:rdf">y</x></metadata><i:view xmlns:i="urn:ink" onclick="z"/><rect i:note="1" xmlns:i="urn:ink" width="4"/><a href="https://example.org"><circle r="1"/></a>',
    )}`;
    const cleaned = await cleanSvg(content);
    expect(cleaned.unsafe).toEqual([]);
    expect(cleaned.svg).not.toMatch(/DOCTYPE|metadata|urn:|note|example/);
    expect(cleaned.svg).toContain('<rect width="4">');
  });

  it("refuses what is no SVG", async () => {
    for (const content of ["", "<html/>", "<svg>", svg("<g>"), Buffer.from([0xff, 0xfe, 0x00])]) {
      expect((await rejection(cleanSvg(content))).code).toBe("ERR_PROCESSOR_CORRUPT");
    }
  });
});
