import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { Photo } from "../../../../src/contract.js";

/**
 * Which tiles keep the width that they have: those of the last row, once everything is read, and those that come live
 * after them. A row that a new photo fills would be stretched otherwise, and what somebody looks at would move. Another
 * width of the window lays all of them out anew.
 */
export function useSettled(
  list: RefObject<HTMLUListElement | null>,
  photos: readonly Photo[],
  complete: boolean,
): ReadonlySet<string> {
  const known = useRef<ReadonlySet<string>>(new Set());
  const lastRow = useRef<readonly string[]>([]);
  const settled = useRef(new Set<string>());
  const [, setWidth] = useState(0);

  const added = photos.filter(({ id }) => !known.current.has(id));
  if (complete && known.current.size > 0 && added.length > 0) {
    for (const each of lastRow.current) settled.current.add(each);
    for (const { id } of added) settled.current.add(id);
  }

  useLayoutEffect(() => {
    known.current = new Set(photos.map(({ id }) => id));
    const tiles = [...(list.current?.children ?? [])] as HTMLElement[];
    const top = tiles.at(-1)?.offsetTop;
    const inLastRow = tiles.filter(({ offsetTop }) => offsetTop === top).length;
    lastRow.current = complete ? photos.slice(photos.length - inLastRow).map(({ id }) => id) : [];
  }, [photos, complete]);

  useEffect(() => {
    const relay = (): void => {
      settled.current = new Set();
      setWidth(innerWidth);
    };
    addEventListener("resize", relay);
    return () => removeEventListener("resize", relay);
  }, []);

  return settled.current;
}
