import { accountRequests, role, userCommands } from "@daybook/domain";
import type { PersonRow } from "@daybook/projections";
import { z } from "zod";
import { client } from "../api/client.ts";
import { send } from "../api/command.ts";
import type { EditDeclaration, Part } from "../form/edit.ts";
import type { Values } from "../form/values.ts";
import { t } from "../texts/index.ts";
import { shown } from "../ui/Value.tsx";

const withoutRole = {
  ...userCommands.RenameUser.shape,
  ...accountRequests.changeEmail.shape,
  ...userCommands.ChangeUserPhone.shape,
};

const valuesOf = ({ firstName, lastName, email, phone, role }: PersonRow): Values => ({
  ...{ firstName: shown(firstName), lastName: shown(lastName), email: shown(email) },
  ...{ phone: phone === "" ? "" : shown(phone), role },
});

/** The person's own stream, to which most fields belong. */
const onUser = ({ id, userRevision: revision }: PersonRow) => ({ id, revision });

const names: Part<PersonRow> = {
  fields: ["firstName", "lastName"],
  save: async (person, { firstName = "", lastName = "" }) => {
    const data = { firstName, lastName };
    const { revision } = await send(client.people.rename.mutate, { ...onUser(person), data });
    return { ...person, ...data, userRevision: revision };
  },
};

const address: Part<PersonRow> = {
  fields: ["email"],
  save: async (person, { email = "" }) => {
    const command = { ...onUser(person), data: { email } };
    const { revision } = await send(client.people.changeEmail.mutate, command);
    return { ...person, email, userRevision: revision };
  },
};

const phone: Part<PersonRow> = {
  fields: ["phone"],
  save: async (person, { phone = "" }) => {
    const command = { ...onUser(person), data: { phone } };
    const { revision } = await send(client.people.changePhone.mutate, command);
    return { ...person, phone, userRevision: revision };
  },
};

const place: Part<PersonRow> = {
  fields: ["role"],
  save: async (person, values) => {
    const data = { role: role.parse(values.role) };
    const { id, membershipRevision: revision } = person;
    const answer = await send(client.people.changeRole.mutate, { id, revision, data });
    return { ...person, ...data, membershipRevision: answer.revision };
  },
};

/** Several commands behind one form: each field belongs to the one that changes it. */
const editOf = <S extends z.ZodObject>(schema: S): EditDeclaration<PersonRow, S> => ({
  schema,
  title: t.people.edit.title,
  submit: t.people.edit.submit,
  done: t.people.edit.done,
  help: { email: t.people.edit.emailHelp } as never,
  valuesOf,
  parts: [names, address, phone, place],
  read: ({ id }) => client.people.get.query({ id }),
});

export const editPerson = editOf(z.object({ ...withoutRole, role }));

/** Nobody changes their own role. */
export const editSelf = editOf(z.object(withoutRole));
