// Who am I, make users, list them in pages, take on a role: prints what it saw as JSON.
import {
  CreateRoleCommand,
  CreateUserCommand,
  GetRoleCommand,
  GetUserCommand,
  IAMClient,
  NoSuchEntityException,
  paginateListUsers,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const iam = new IAMClient();
const sts = new STSClient();
const seen = {};

const me = await sts.send(new GetCallerIdentityCommand());
seen.me = me.Arn;

for (const UserName of ["carol", "dave"]) {
  await iam.send(new CreateUserCommand({ UserName, Tags: [{ Key: "Team", Value: "Größe" }] }));
}
const { User } = await iam.send(new GetUserCommand({ UserName: "carol" }));
seen.tags = User.Tags;
seen.dated = User.CreateDate instanceof Date;

seen.users = [];
for await (const page of paginateListUsers({ client: iam, pageSize: 2 }, {})) {
  seen.users.push(page.Users.map((user) => user.UserName));
}

const trust = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: me.Account }, Action: "sts:AssumeRole" }],
};
await iam.send(
  new CreateRoleCommand({ RoleName: "audit", AssumeRolePolicyDocument: JSON.stringify(trust) }),
);
const { Role } = await iam.send(new GetRoleCommand({ RoleName: "audit" }));
seen.trust = JSON.parse(decodeURIComponent(Role.AssumeRolePolicyDocument));
const { Credentials } = await sts.send(
  new AssumeRoleCommand({ RoleArn: Role.Arn, RoleSessionName: "morning" }),
);
const credentials = {
  accessKeyId: Credentials.AccessKeyId,
  secretAccessKey: Credentials.SecretAccessKey,
  sessionToken: Credentials.SessionToken,
};
const other = await new STSClient({ credentials }).send(new GetCallerIdentityCommand());
seen.other = other.Arn;

try {
  await iam.send(new GetUserCommand({ UserName: "nobody" }));
} catch (error) {
  seen.missing = error instanceof NoSuchEntityException && error.message;
}
try {
  await new IAMClient({ credentials }).send(new CreateUserCommand({ UserName: "erin" }));
} catch (error) {
  seen.denied = [error.name, error.$metadata.httpStatusCode, error.message];
}

console.log(JSON.stringify(seen));
