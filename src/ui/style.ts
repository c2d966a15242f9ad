/** Colours as functions; without colour each returns its text unchanged. Made in ui/colour.ts, passed to every screen. */
export interface Style {
  ok(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
  /** Columns to lay out for; 80 when unknown. */
  width: number;
  colour: boolean;
}
