/** What happened to a file. */
export type StorageEvent =
  | {
      readonly type: "stored";
      readonly provider: string;
      readonly fileId: string;
      readonly sizeBytes: number;
      readonly elapsedMs: number;
    }
  | { readonly type: "deleted"; readonly provider: string; readonly fileId: string }
  | {
      readonly type: "copied" | "moved";
      readonly provider: string;
      readonly fileId: string;
      readonly toProvider: string;
      readonly toFileId: string;
    }
  | {
      readonly type: "failed";
      readonly provider: string;
      /** The method of the service. */
      readonly operation: string;
      readonly fileId?: string;
      readonly error: unknown;
    };

/** Called with each event; what it throws is logged, and changes nothing. */
export type StorageListener = (event: StorageEvent) => void;
