// Words of one's own account.
import { words } from "../words";

export const accountWords = words(
  {
    account: "My account",
    since: "Since",
    everywhere: "May everywhere",
    nothingEverywhere: "nothing; roles in namespaces count there",
    password: "Password",
    old: "Password so far",
    new: "New password",
    newHelp: "Ten characters at least.",
    again: "New password once more",
    isOther: "That is another one.",
    change: "Change the password",
    changeText: "Every other session and all of your tokens end.",
    changed: "The password is changed; other sessions and all tokens have ended.",
  },
  {
    account: "我的账户",
    since: "创建于",
    everywhere: "全局权限",
    nothingEverywhere: "无；以各命名空间的角色为准",
    password: "密码",
    old: "当前密码",
    new: "新密码",
    newHelp: "至少十个字符。",
    again: "再次输入新密码",
    isOther: "两次输入不一致。",
    change: "更改密码",
    changeText: "其他会话和您的所有令牌都将失效。",
    changed: "密码已更改；其他会话和所有令牌已失效。",
  },
);
