import { Center, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconBook2 } from "@tabler/icons-react";
import { type ReactNode, useEffect } from "react";
import { t } from "../texts/index.ts";

type Props = { title: string; lead?: string; children: ReactNode };

/** A page of one thing to do, for people who are not inside yet. */
export function Card({ title, lead, children }: Props) {
  useEffect(() => {
    document.title = `${title} · ${t.product}`;
  }, [title]);
  return (
    <Center component="main" mih="100vh" p="md">
      <Paper withBorder p="xl" w="100%" maw={400}>
        <Stack gap="lg">
          <div>
            <Group gap={6} mb="sm">
              <IconBook2 size={20} color="var(--mantine-primary-color-filled)" aria-hidden />
              <Text size="sm" fw={700}>
                {t.product}
              </Text>
            </Group>
            <Title order={1}>{title}</Title>
            {lead && (
              <Text size="sm" c="dimmed" mt={6}>
                {lead}
              </Text>
            )}
          </div>
          {children}
        </Stack>
      </Paper>
    </Center>
  );
}
