import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { usePanel } from "../app/open-state.ts";
import { may, useSignedIn } from "../app/session.ts";
import { DataList } from "../list/DataList.tsx";
import { t } from "../texts/index.ts";
import { AddPerson } from "./AddPerson.tsx";
import { peopleList } from "./people-list.tsx";

export function PeoplePage() {
  const mayAdd = may(useSignedIn(), "people:write");
  const panel = usePanel("add");
  return (
    <>
      <DataList list={peopleList}>
        {mayAdd && (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={panel.open}>
            {t.people.add.button}
          </Button>
        )}
      </DataList>
      {mayAdd && <AddPerson opened={panel.opened} onClose={panel.close} />}
    </>
  );
}
