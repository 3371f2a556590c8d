import { ActionIcon, Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDownload } from "@tabler/icons-react";
import { useRef } from "react";
import { sentence } from "../api/refusals.ts";
import { seenHeader } from "../api/seen.ts";
import { number } from "../texts/format.ts";
import { t } from "../texts/index.ts";
import type { ListState } from "./list-state.ts";

/** How often the number of rows is told. */
const TOLD_MS = 250;

const NEWLINE = "\n".charCodeAt(0);

/** Reads a file to its end, telling how many lines there are so far. */
async function download(address: string, signal: AbortSignal, tell: (lines: number) => void) {
  const response = await fetch(address, { signal, headers: { "x-daybook-seen": seenHeader() } });
  if (!response.ok || !response.body) throw ((await response.json()) as { error: unknown }).error;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let lines = -1;
  let told = 0;
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array<ArrayBuffer>>) {
    parts.push(part);
    for (const byte of part) if (byte === NEWLINE) lines++;
    if (Date.now() - told < TOLD_MS) continue;
    told = Date.now();
    tell(lines);
  }
  return { file: new Blob(parts, { type: "text/csv" }), lines };
}

/** Hands a file to the browser, as if a link to it had been followed. */
function save(file: Blob, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

type Props = { file: string; state: ListState; count: number | undefined };

/** Everything that the filters match, as a file of comma-separated values. */
export function Export({ file, state, count }: Props) {
  const running = useRef<AbortController>(undefined);

  async function start() {
    if (running.current) return;
    const abort = new AbortController();
    running.current = abort;
    const id = notifications.show({ message: t.export.begun, autoClose: false, loading: true });
    const words = (lines: number) => (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{t.export.soFar(number.format(Math.max(lines, 0)))}</Text>
        <Button size="compact-sm" variant="default" onClick={() => abort.abort()}>
          {t.cancel}
        </Button>
      </Group>
    );
    const end = { id, loading: false, autoClose: 5000 };
    try {
      const asked = new URLSearchParams(state.asked as unknown as Record<string, string>);
      const { file: found, lines } = await download(
        `/export/${file}?${asked}`,
        abort.signal,
        (so) => notifications.update({ id, message: words(so), autoClose: false, loading: true }),
      );
      const day = new Date().toISOString().slice(0, 10);
      save(found, file.replace(/(\.\w+)$/, `-${day}$1`));
      notifications.update({ ...end, message: t.export.done(number.format(lines)) });
    } catch (error) {
      const message = abort.signal.aborted ? t.export.cancelled : sentence(error);
      notifications.update({ ...end, message, ...(!abort.signal.aborted && { color: "red" }) });
    } finally {
      running.current = undefined;
    }
  }

  return (
    <ActionIcon
      variant="default"
      size={36}
      aria-label={t.export.label}
      title={t.export.label}
      disabled={count === 0}
      onClick={start}
    >
      <IconDownload size={16} aria-hidden />
    </ActionIcon>
  );
}
